#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "exec/page_pool.hpp"
#include "exec/plan.hpp"

namespace sirocco {

/// Names an open sequence; a closed one's id is never valid again.
struct SequenceId {
  uint32_t index = 0;
  uint32_t generation = 0;
  bool operator==(const SequenceId&) const = default;
};

/// What the host knows of one sequence: its tokens, and which pages hold their state.
struct Sequence {
  bool open = false;
  uint32_t generation = 0;
  std::vector<int32_t> tokens;  ///< committed, then pending
  size_t committed = 0;
  size_t in_state = 0;  ///< tokens whose state is held, pending ones included; less than
                        ///< `committed` where the state was lost
  std::vector<std::vector<int32_t>> tables;  ///< by group: page of each block, -1 where not held
  std::vector<size_t> first_block;           ///< by group: blocks before it were given back

  size_t pending() const { return tokens.size() - committed; }
};

/// Accounts for tokens and pages of every open sequence. Memory is reserved when a sequence is
/// opened; nothing is allocated afterwards. Errors are Error(usage) for ids that are not open,
/// Error(invalid_file) for a sequence that outgrows the context, Error(failure) where pages run
/// out; each leaves everything as it was.
class Sequences {
 public:
  explicit Sequences(const Plan& plan);

  SequenceId open();
  void close(SequenceId id);
  Sequence& at(SequenceId id);
  const Sequence& at(SequenceId id) const { return const_cast<Sequences*>(this)->at(id); }

  /// Throws unless `n_tokens` more fit the context.
  void check_room(const Sequence& sequence, size_t n_tokens) const;
  /// Pages of `group` that are missing for the sequence to hold `n_tokens`.
  size_t missing_pages(const Sequence& sequence, size_t group, size_t n_tokens) const;
  size_t available_pages(size_t group) const { return pools_[group].available(); }
  /// Takes them; there must be enough.
  void take_pages(Sequence& sequence, size_t n_tokens);
  /// Gives back the pages that lie behind the window of every later query and those past the end.
  void reclaim(Sequence& sequence);
  /// Whether everything that a query at position `n_tokens` may see is still held.
  bool holds_window(const Sequence& sequence, size_t n_tokens) const;
  /// Gives back all pages: the state has to be made again from the tokens.
  void drop_state(Sequence& sequence);
  /// Every open sequence loses its state.
  void drop_all_state();

 private:
  const Plan& plan_;
  std::vector<Sequence> sequences_;
  std::vector<PagePool> pools_;
  std::vector<uint32_t> entries_;  ///< by group: block table entries of one sequence
};

/// Block table entries of one sequence in each group.
std::vector<uint32_t> table_entries(const Plan& plan);

}  // namespace sirocco
