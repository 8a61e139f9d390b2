#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <sirocco/abi/step.h>
#include <sirocco/sdk/sampling.hpp>

#include "exec/options.hpp"
#include "graph/tensor_type.hpp"

namespace sirocco {

/// What the step buffer needs to know of a state group.
struct StepGroup {
  bool recurrent = false;
  uint32_t entries = 1;  ///< block table entries of one sequence; recurrent: 1
};

/// The one int32 buffer that describes a step (step.h). Its address and offsets never change; only
/// its content does. Offsets count int32 elements.
class StepBuffer {
 public:
  /// `limits` are the padded ones. `sampling`: there are records for the op `sample`.
  StepBuffer(const StepLimits& limits, std::span<const StepGroup> groups, bool sampling);

  const int32_t* data() const { return data_.get(); }
  size_t count() const { return count_; }
  uint64_t bytes() const { return count_ * sizeof(int32_t); }

  /// Writes the sizes and fills everything with null rows.
  void begin(const Extents& live, const Extents& padded);
  std::span<int32_t> tokens() { return at(SIROCCO_STEP_OFF_TOKENS, max_.tokens); }
  std::span<int32_t> positions() { return at(SIROCCO_STEP_OFF_POSITIONS, max_.tokens); }
  std::span<int32_t> cu_seqlens() { return at(SIROCCO_STEP_OFF_CU_SEQLENS, max_.seqs + 1); }
  std::span<int32_t> kv_lens() { return at(SIROCCO_STEP_OFF_KV_LENS, max_.seqs); }
  std::span<int32_t> wanted() { return at(SIROCCO_STEP_OFF_WANTED, max_.rows); }
  std::span<int32_t> seq_of_token() { return at(SIROCCO_STEP_OFF_SEQ_OF_TOKEN, max_.tokens); }
  /// Says how the token of a wanted row is chosen; only where there are records.
  void set_sampling(size_t row, const sdk::SamplingRecord& record);
  /// The block table row (or the slot) of a sequence of the step.
  std::span<int32_t> table(size_t group, size_t seq);
  /// Where each token's entry goes; paged groups only.
  std::span<int32_t> slots(size_t group);

  size_t offset(size_t header_field) const { return static_cast<size_t>(data_[header_field]); }

 private:
  std::span<int32_t> at(size_t header_field, int64_t n);
  /// The records of the first `rows` rows; empty where there are none.
  std::span<int32_t> sampling(int64_t rows);
  int32_t* group_record(size_t group);

  Extents max_;
  std::vector<StepGroup> groups_;
  size_t count_ = 0;
  std::unique_ptr<int32_t[], void (*)(int32_t*)> data_;
};

}  // namespace sirocco
