#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "exec/plan.hpp"
#include "exec/sequences.hpp"
#include "exec/step_buffer.hpp"
#include "exec/weight_store.hpp"

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

/// A tensor left by a step, in host memory; valid until the next step.
struct OutputView {
  const std::byte* data = nullptr;
  sirocco_dtype dtype = SIROCCO_DTYPE_NONE;
  std::vector<int64_t> shape;  ///< at the step's live sizes
  /// Elements as f32 (from f32, f16, bf16 or f64), `n` of them from `first` on.
  void to_f32(int64_t first, int64_t n, float* target) const;
};

/// When one node ran in the last step of a timed plan.
struct NodeTime {
  NodeId node = kNone;
  size_t device = 0;
  uint32_t thread = 0;
  uint64_t begin_ns = 0;
  uint64_t end_ns = 0;
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
  ~Executor();
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
  const OutputView& output(size_t index);
  /// What `output` has read so far from devices whose memory the host cannot see.
  uint64_t bytes_read() const { return bytes_read_; }
  /// Of the last step, in no particular order; empty unless the plan is timed.
  std::span<const NodeTime> times() const { return {times_.data(), n_times_}; }
  /// Is told of each part of a step, by its index in Plan::parts(), once it has run.
  using Watch = std::function<void(size_t part)>;
  /// Empty: nobody is told. Of a plan whose parts are single claimed sets (PlanOptions::separate)
  /// every value can be looked at, and replaced before another part reads it.
  void watch(Watch watch) { watch_ = std::move(watch); }
  /// In a watch: a value that the part made, at the step's live sizes; valid until the next call.
  /// Throws Error(plugin) where its device fails.
  std::span<const std::byte> made(size_t part, ValueId value);
  /// In a watch: what later parts read in place of what the part made; as many bytes as `made` has.
  void replace(size_t part, ValueId value, std::span<const std::byte> content);
  /// Weights that the host can read, where they lie.
  std::vector<std::span<const std::byte>> host_visible_weights() const;
  /// Ids must be below this; INT32_MAX where the graph looks nothing up by token.
  int32_t vocab_size() const { return vocab_size_; }

 private:
  struct StateStore;
  struct BoundPart;

  void create_arenas();
  void create_states();
  void bind_parts();
  sirocco_span bind_value(size_t part, size_t local) const;
  void find_vocab_size();

  void check(std::span<const SequenceInput> inputs) const;
  void replay(SequenceId id);
  /// Runs tokens that follow what is held in state; takes pages, fills the buffer, executes.
  void run(std::span<const SequenceInput> inputs);
  void check_pages(std::span<const SequenceInput> inputs) const;
  void fill(std::span<const SequenceInput> inputs);
  void execute();
  /// What devices of invisible memory made; a failure of work that they had queued shows here, and
  /// so within the step.
  void read_outputs();
  /// Into the host's memory, unless it lies there already.
  void read_output(size_t index);
  void transfer(const Transfer& transfer);
  void read_times(size_t part);
  /// Where in its device's arena a part leaves a value that others read.
  uint64_t made_at(size_t part, ValueId value) const;
  void keep(Sequence& sequence, size_t n_tokens);
  bool truncate_recurrent(Sequence& sequence, size_t n_tokens);

  std::shared_ptr<const Plan> plan_;
  Sequences sequences_;
  StepBuffer step_;
  std::unique_ptr<WeightStore> weights_;
  std::vector<DeviceBuffer> arenas_;       ///< by device
  std::vector<DeviceBuffer> step_copies_;  ///< by device: imported or the device's own
  std::vector<StateStore> states_;
  std::vector<BoundPart> parts_;
  std::vector<std::byte> staging_;
  std::vector<std::vector<std::byte>> output_staging_;
  std::vector<OutputView> views_;
  Watch watch_;
  std::vector<std::byte> watched_;
  std::vector<NodeTime> times_;
  std::vector<sirocco_node_time> raw_times_;
  size_t n_times_ = 0;
  std::vector<char> unread_;  ///< by output: left on its device by the last step
  uint64_t bytes_read_ = 0;
  bool sampled_ = false;  ///< every wanted row of the last step
  Extents live_;
  int32_t vocab_size_ = INT32_MAX;
};

}  // namespace sirocco
