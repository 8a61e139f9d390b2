#pragma once
// Step buffers built by hand.

#include <algorithm>
#include <cstdint>
#include <vector>

#include <sirocco/abi/step.h>
#include <sirocco/sdk/tensor.hpp>

namespace harness {

/// One sequence's part of a step: `fresh` tokens on top of `held` that the state has already.
struct Sequence {
  int64_t held = 0;
  int64_t fresh = 1;
  std::vector<int32_t> pages = {};
};

/// A step buffer with one paged group.
class Step {
 public:
  /// Padding included; raised to what is live.
  using Sizes = sirocco::sdk::Extents;
  static constexpr int64_t kStride = 64;
  static constexpr int kTable = int{SIROCCO_STEP_HEADER} + SIROCCO_STEP_GROUP_OFF_TABLE;
  static constexpr int kSlots = int{SIROCCO_STEP_HEADER} + SIROCCO_STEP_GROUP_OFF_SLOT;

  Step(std::vector<Sequence> sequences, int64_t page_tokens, std::vector<int32_t> wanted = {},
       Sizes padded = {0, 0, 0}) {
    int64_t live = 0;
    for (const Sequence& sequence : sequences) live += sequence.fresh;
    const auto live_seqs = static_cast<int64_t>(sequences.size());
    const auto live_rows = static_cast<int64_t>(wanted.size());
    const int64_t t = std::max(padded.tokens, live), s = std::max(padded.seqs, live_seqs),
                  r = std::max(padded.rows, live_rows);
    ints_.resize(int{SIROCCO_STEP_HEADER} + SIROCCO_STEP_GROUP_INTS, 0);
    const int64_t sizes[] = {SIROCCO_STEP_LAYOUT_VERSION, t, s, r, live, live_seqs, live_rows, 1};
    for (size_t i = 0; i < std::size(sizes); ++i) ints_[i] = static_cast<int32_t>(sizes[i]);
    reserve(SIROCCO_STEP_OFF_TOKENS, t, 0);
    reserve(SIROCCO_STEP_OFF_POSITIONS, t, 0);
    reserve(SIROCCO_STEP_OFF_CU_SEQLENS, s + 1, static_cast<int32_t>(live));
    reserve(SIROCCO_STEP_OFF_KV_LENS, s, 0);
    reserve(SIROCCO_STEP_OFF_WANTED, r, 0);
    reserve(SIROCCO_STEP_OFF_SEQ_OF_TOKEN, t, -1);
    ints_[int{SIROCCO_STEP_HEADER} + SIROCCO_STEP_GROUP_STRIDE] = kStride;
    reserve(kTable, s * kStride, -1);
    reserve(kSlots, t, -1);
    ints_[SIROCCO_STEP_SIZE] = static_cast<int32_t>(ints_.size());
    std::copy(wanted.begin(), wanted.end(), list(SIROCCO_STEP_OFF_WANTED));
    int64_t token = 0;
    for (size_t i = 0; i < sequences.size(); ++i) fill(i, sequences[i], page_tokens, token);
  }

  int32_t* list(int field) { return ints_.data() + ints_[static_cast<size_t>(field)]; }
  int32_t* table() { return list(kTable); }
  int32_t* slots() { return list(kSlots); }
  std::vector<int32_t>& ints() { return ints_; }
  const std::vector<int32_t>& ints() const { return ints_; }
  sirocco::sdk::Extents extents() const {
    return {ints_[SIROCCO_STEP_N_TOKENS], ints_[SIROCCO_STEP_N_SEQS], ints_[SIROCCO_STEP_N_ROWS]};
  }

 private:
  void reserve(int field, int64_t n, int32_t fill) {
    ints_[static_cast<size_t>(field)] = static_cast<int32_t>(ints_.size());
    ints_.insert(ints_.end(), static_cast<size_t>(n), fill);
  }
  void fill(size_t index, const Sequence& sequence, int64_t page_tokens, int64_t& token) {
    list(SIROCCO_STEP_OFF_CU_SEQLENS)[index] = static_cast<int32_t>(token);
    list(SIROCCO_STEP_OFF_KV_LENS)[index] = static_cast<int32_t>(sequence.held + sequence.fresh);
    std::copy(sequence.pages.begin(), sequence.pages.end(),
              table() + static_cast<int64_t>(index) * kStride);
    for (int64_t i = 0; i < sequence.fresh; ++i, ++token) {
      const int64_t position = sequence.held + i;
      const auto page = static_cast<size_t>(position / page_tokens);
      list(SIROCCO_STEP_OFF_POSITIONS)[token] = static_cast<int32_t>(position);
      list(SIROCCO_STEP_OFF_SEQ_OF_TOKEN)[token] = static_cast<int32_t>(index);
      slots()[token] =
          page < sequence.pages.size()
              ? static_cast<int32_t>(sequence.pages[page] * page_tokens + position % page_tokens)
              : 0;
    }
  }
  std::vector<int32_t> ints_;
};

}  // namespace harness
