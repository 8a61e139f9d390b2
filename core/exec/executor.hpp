#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "exec/bound_plan.hpp"
#include "exec/plan.hpp"
#include "exec/sequences.hpp"
#include "exec/step_outputs.hpp"

namespace sirocco {

/// One sequence's share of a step.
struct SequenceInput {
  SequenceId sequence;
  std::span<const int32_t> tokens;   ///< at least one; they follow what is committed
  std::span<const uint32_t> wanted;  ///< indices into `tokens` whose rows are outputs, ascending
  /// How the token that follows each wanted row is chosen, where the plan samples; the positions
  /// are filled in. Empty: the rows' logits are wanted instead.
  std::span<const sdk::SamplingRecord> sampling = {};
};

/// Runs the steps of one plan. Not thread-safe: one step at a time.
///
/// After a step every sequence in it has pending tokens; `commit` says how many of them stand, the
/// rest is taken back. A step that fails throws Error(plugin), leaves the sequences' committed
/// tokens as they were and loses all state, which the next step makes again from the tokens.
/// Steps and commits allocate no memory once every sequence is open.
class Executor {
 public:
  Executor(std::shared_ptr<const Plan> plan, const FindWeight& find_weight,
           const LoadProgress& progress = {});
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  const Plan& plan() const { return *plan_; }

  SequenceId open() { return sequences_.open(); }
  void close(SequenceId id) { sequences_.close(id); }
  /// Committed tokens.
  std::span<const int32_t> tokens(SequenceId id) const;

  /// Error(invalid_file) for ids outside the vocabulary or past the context, Error(usage) for a
  /// sequence that is given twice, not open, or has tokens not committed yet, or for more tokens,
  /// sequences or rows than the plan's limits. Error(failure) where the pages of a windowed state
  /// run out, which takes uncommitted tokens of sequences outside the step. Nothing has changed
  /// then.
  void step(std::span<const SequenceInput> inputs);
  /// The first `n_accepted` of the pending tokens stand; Error(usage) where there are fewer.
  void commit(SequenceId id, size_t n_accepted);
  /// Takes back committed tokens too, so that `n_tokens` are left.
  void truncate(SequenceId id, size_t n_tokens);

  /// By index into Plan::outputs(). [R, …] for outputs made from gathered rows, in the order of the
  /// inputs and their wanted rows; [T, …] for values over all tokens. Logits that were sampled from
  /// stay on their device until they are asked for here; Error(plugin) where they cannot be read.
  const OutputView& output(size_t index) { return outputs_.view(index); }
  /// What `output` has read so far from devices whose memory the host cannot see.
  uint64_t bytes_read() const { return outputs_.bytes_read(); }
  /// Of the last step, in no particular order; empty unless the plan is timed.
  std::span<const NodeTime> times() const { return bound_.times(); }
  /// Is told of each part of a step, by its index in Plan::parts(), once it has run.
  using Watch = BoundPlan::Watch;
  /// Empty: nobody is told. Of a plan whose parts are single claimed sets (PlanOptions::separate)
  /// every value can be looked at, and replaced before another part reads it.
  void watch(Watch watch) { bound_.watch(std::move(watch)); }
  /// In a watch: a value that the part made, at the step's live sizes; valid until the next call.
  /// Throws Error(plugin) where its device fails.
  std::span<const std::byte> made(size_t part, ValueId value) { return bound_.made(part, value); }
  /// In a watch: what later parts read in place of what the part made; as many bytes as `made` has.
  void replace(size_t part, ValueId value, std::span<const std::byte> content) {
    bound_.replace(part, value, content);
  }
  /// Weights that the host can read, where they lie.
  std::vector<std::span<const std::byte>> host_visible_weights() const {
    return bound_.weights().host_visible();
  }
  /// Ids must be below this; INT32_MAX where the graph looks nothing up by token.
  int32_t vocab_size() const { return vocab_size_; }

 private:
  void find_vocab_size();

  void check(std::span<const SequenceInput> inputs) const;
  void replay(SequenceId id);
  /// Runs tokens that follow what is held in state; takes pages, fills the buffer, executes.
  void run(std::span<const SequenceInput> inputs);
  void check_pages(std::span<const SequenceInput> inputs) const;
  void fill(std::span<const SequenceInput> inputs);
  void keep(Sequence& sequence, size_t n_tokens);

  std::shared_ptr<const Plan> plan_;
  Sequences sequences_;
  BoundPlan bound_;
  StepOutputs outputs_;
  bool sampled_ = false;  ///< every wanted row of the last step
  Extents live_;
  int32_t vocab_size_ = INT32_MAX;
};

}  // namespace sirocco
