#pragma once
// Reading the step buffer (abi/step.h), and checking it before a kernel relies on it.

#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include <sirocco/abi/backend.h>
#include <sirocco/abi/step.h>
#include <sirocco/sdk/tensor.hpp>

namespace sirocco::sdk {

/// Sizes with `live_` leave null rows out; the others include them. Lists are those of the step,
/// null rows included.
class StepView {
 public:
  /// `n_ints`: how many int32 may be read at `data`. Throws StatusError(SIROCCO_INVALID_ARGUMENT)
  /// where the header or a list reaches beyond them.
  StepView(const int32_t* data, uint64_t n_ints) : data_(data), n_ints_(n_ints) {
    require(data && n_ints >= SIROCCO_STEP_HEADER, "is missing or too short");
    require(data[SIROCCO_STEP_LAYOUT] == SIROCCO_STEP_LAYOUT_VERSION, "has an unknown layout");
    const int64_t size = data[SIROCCO_STEP_SIZE];
    require(size >= SIROCCO_STEP_HEADER && static_cast<uint64_t>(size) <= n_ints,
            "is larger than the memory it lies in");
    n_ints_ = static_cast<uint64_t>(size);
    for (int field = SIROCCO_STEP_N_TOKENS; field <= SIROCCO_STEP_N_GROUPS; ++field)
      require(data[field] >= 0, "has a negative size");
    require(live_tokens() <= n_tokens() && live_seqs() <= n_seqs() && live_rows() <= n_rows(),
            "has more live rows than rows");
    list(SIROCCO_STEP_HEADER, n_groups() * SIROCCO_STEP_GROUP_INTS);
    tokens(), positions(), cu_seqlens(), kv_lens(), wanted(), seq_of_token();
  }

  int64_t n_tokens() const { return data_[SIROCCO_STEP_N_TOKENS]; }
  int64_t n_seqs() const { return data_[SIROCCO_STEP_N_SEQS]; }
  int64_t n_rows() const { return data_[SIROCCO_STEP_N_ROWS]; }
  int64_t live_tokens() const { return data_[SIROCCO_STEP_LIVE_TOKENS]; }
  int64_t live_seqs() const { return data_[SIROCCO_STEP_LIVE_SEQS]; }
  int64_t live_rows() const { return data_[SIROCCO_STEP_LIVE_ROWS]; }
  int64_t n_groups() const { return data_[SIROCCO_STEP_N_GROUPS]; }
  Extents extents() const { return {n_tokens(), n_seqs(), n_rows()}; }

  /// Where a list begins in the buffer, in int32: that of a header field SIROCCO_STEP_OFF_*, or of
  /// a group's SIROCCO_STEP_GROUP_OFF_*. The same in every step.
  int32_t offset(int field) const { return data_[field]; }
  int32_t group_field(uint32_t group, int field) const { return record(group)[field]; }

  std::span<const int32_t> tokens() const { return at(SIROCCO_STEP_OFF_TOKENS, n_tokens()); }
  std::span<const int32_t> positions() const { return at(SIROCCO_STEP_OFF_POSITIONS, n_tokens()); }
  /// S + 1 of them.
  std::span<const int32_t> cu_seqlens() const {
    return at(SIROCCO_STEP_OFF_CU_SEQLENS, n_seqs() + 1);
  }
  std::span<const int32_t> kv_lens() const { return at(SIROCCO_STEP_OFF_KV_LENS, n_seqs()); }
  std::span<const int32_t> wanted() const { return at(SIROCCO_STEP_OFF_WANTED, n_rows()); }
  /// -1 for a null row.
  std::span<const int32_t> seq_of_token() const {
    return at(SIROCCO_STEP_OFF_SEQ_OF_TOKEN, n_tokens());
  }

  /// Pages of one sequence, -1 where one is not held.
  std::span<const int32_t> block_table(uint32_t group, int64_t seq) const {
    const int64_t stride = record(group)[SIROCCO_STEP_GROUP_STRIDE];
    const auto table = list(record(group)[SIROCCO_STEP_GROUP_OFF_TABLE], n_seqs() * stride);
    return table.subspan(static_cast<size_t>(seq * stride), static_cast<size_t>(stride));
  }
  /// Paged groups: where each token's entry goes, -1 for a null row.
  std::span<const int32_t> slots(uint32_t group) const {
    return list(record(group)[SIROCCO_STEP_GROUP_OFF_SLOT], n_tokens());
  }
  /// Recurrent groups: each sequence's slot.
  std::span<const int32_t> sequence_slots(uint32_t group) const {
    return list(record(group)[SIROCCO_STEP_GROUP_OFF_TABLE], n_seqs());
  }

  /// How many tokens of its sequence lie before this one; the token is no null row.
  int64_t index_in_sequence(int64_t token) const {
    const auto seq = static_cast<size_t>(seq_of_token()[static_cast<size_t>(token)]);
    return kv_lens()[seq] - (cu_seqlens()[seq + 1] - token);
  }

  /// Throws StatusError(SIROCCO_INVALID_ARGUMENT) unless every number is one that the others and
  /// the limits allow.
  void check(const sirocco_limits& limits) const {
    require(n_tokens() <= limits.max_tokens && n_seqs() <= limits.max_seqs &&
                n_rows() <= limits.max_rows,
            "has more rows than the limits it was compiled for");
    check_sequences(limits.max_context);
    for (const int32_t position : positions()) require(position >= 0, "has a negative position");
    for (const int32_t row : wanted())
      require(row >= 0 && row < n_tokens(), "wants a row that it does not have");
  }

  /// The same for what a paged group says: slots and the pages in use lie within the store.
  void check_paged(uint32_t group, int64_t page_tokens, int64_t n_pages) const {
    require(group < n_groups(), "lacks a state group");
    const auto places = slots(group);
    for (int64_t t = 0; t < n_tokens(); ++t) {
      const int32_t slot = places[static_cast<size_t>(t)];
      require(slot >= -1 && slot < n_pages * page_tokens, "has a slot outside its store");
      require(t < live_tokens() ? slot >= 0 : slot == -1,
              "has a slot for a null row, or none for a live one");
    }
    for (int64_t s = 0; s < n_seqs(); ++s) {
      const auto table = block_table(group, s);
      const int64_t blocks = (kv_lens()[static_cast<size_t>(s)] + page_tokens - 1) / page_tokens;
      require(blocks <= static_cast<int64_t>(table.size()), "has a block table too short");
      for (const int32_t page : table.first(static_cast<size_t>(blocks)))
        require(page >= -1 && page < n_pages, "has a page outside its store");
    }
  }

  void check_recurrent(uint32_t group, int64_t n_slots) const {
    require(group < n_groups(), "lacks a state group");
    const auto places = sequence_slots(group);
    for (int64_t s = 0; s < live_seqs(); ++s) {
      const int32_t slot = places[static_cast<size_t>(s)];
      require(slot >= 0 && slot < n_slots, "has a slot outside its store");
    }
  }

 private:
  static void require(bool condition, const char* message) {
    if (!condition)
      throw StatusError(SIROCCO_INVALID_ARGUMENT, std::string("the step buffer ") + message);
  }

  std::span<const int32_t> list(int64_t offset, int64_t n) const {
    require(offset >= 0 && n >= 0 && static_cast<uint64_t>(offset) <= n_ints_ &&
                static_cast<uint64_t>(n) <= n_ints_ - static_cast<uint64_t>(offset),
            "has a list that reaches beyond its end");
    return {data_ + offset, static_cast<size_t>(n)};
  }
  std::span<const int32_t> at(int field, int64_t n) const { return list(data_[field], n); }
  const int32_t* record(uint32_t group) const {
    require(group < n_groups(), "lacks a state group");
    return data_ + SIROCCO_STEP_HEADER + static_cast<int64_t>(group) * SIROCCO_STEP_GROUP_INTS;
  }

  void check_sequences(int64_t max_context) const {
    const auto begins = cu_seqlens();
    const auto lengths = kv_lens();
    const auto owners = seq_of_token();
    require(begins[0] == 0 && begins[static_cast<size_t>(n_seqs())] == live_tokens(),
            "has sequences that are not the live tokens");
    for (size_t s = 0; s < lengths.size(); ++s) {
      const int64_t fresh = int64_t{begins[s + 1]} - begins[s];
      require(fresh >= 0 && begins[s + 1] <= live_tokens(), "has sequences out of order");
      require(lengths[s] >= fresh && lengths[s] <= max_context,
              "has a sequence of a length outside the limits");
      for (int64_t t = begins[s]; t < begins[s + 1]; ++t)
        require(owners[static_cast<size_t>(t)] == static_cast<int32_t>(s),
                "has a token that belongs to another sequence");
    }
    for (const int32_t owner : owners.subspan(static_cast<size_t>(live_tokens())))
      require(owner == -1, "has a null row that belongs to a sequence");
  }

  const int32_t* data_;
  uint64_t n_ints_;
};

}  // namespace sirocco::sdk
