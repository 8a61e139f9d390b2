#pragma once
// How the token of a wanted row is chosen: a record of the step buffer (abi/step.h) as a struct,
// for the host that writes it and the kernels that read it.

#include <cstddef>
#include <cstdint>

#include <sirocco/abi/step.h>

namespace sirocco::sdk {

/// Copied to and from the record as it is: its numbers lie there in this order, the low word first
/// as on every machine that this runs on. What they mean: the op `sample` (docs/ops.md).
struct SamplingRecord {
  uint64_t seed = 0;
  uint64_t position = 0;  ///< of the chosen token in its sequence
  double temperature = 0;
  int64_t top_k = 0;
  double top_p = 1;
  double min_p = 0;
};
static_assert(sizeof(SamplingRecord) == SIROCCO_SAMPLING_INTS * sizeof(int32_t) &&
              offsetof(SamplingRecord, seed) == SIROCCO_SAMPLING_SEED * sizeof(int32_t) &&
              offsetof(SamplingRecord, position) == SIROCCO_SAMPLING_POSITION * sizeof(int32_t) &&
              offsetof(SamplingRecord, temperature) ==
                  SIROCCO_SAMPLING_TEMPERATURE * sizeof(int32_t) &&
              offsetof(SamplingRecord, top_k) == SIROCCO_SAMPLING_TOP_K * sizeof(int32_t) &&
              offsetof(SamplingRecord, top_p) == SIROCCO_SAMPLING_TOP_P * sizeof(int32_t) &&
              offsetof(SamplingRecord, min_p) == SIROCCO_SAMPLING_MIN_P * sizeof(int32_t));

/// What `sample` answers for a row that is no distribution: a logit is NaN or plus infinity, or all
/// are minus infinity.
inline constexpr int32_t kNoToken = -1;

}  // namespace sirocco::sdk
