#pragma once
// What the arguments of all kernels are made of.

#include <cstdint>

#include <sirocco/abi/step.h>

namespace sirocco::cuda {

/// What a kernel is told where it is not a template of the type.
enum class Dtype : int32_t { f32, f16, bf16 };

/// A number that follows a step: (base + scale * step[field]) * times. `field` is one of
/// SIROCCO_STEP_N_*; scale 0: a constant.
struct Count {
  int32_t field = SIROCCO_STEP_N_TOKENS;
  int32_t scale = 0;
  int64_t base = 1;
  int64_t times = 1;
};

/// What a paged state's kernels read of the step buffer: lists of int32 in it, at addresses that
/// never change.
struct PagedStep {
  const int32_t* step = nullptr;          ///< the buffer's begin
  const int32_t* cu_seqlens = nullptr;    ///< [S+1]
  const int32_t* kv_lens = nullptr;       ///< [S]
  const int32_t* seq_of_token = nullptr;  ///< [T]
  const int32_t* table = nullptr;         ///< [S, table_stride]
  const int32_t* slots = nullptr;         ///< [T]
  int32_t table_stride = 0;
  int32_t page_tokens = 1;
};

constexpr int dtype_size(Dtype dtype) {
  return dtype == Dtype::f32 ? 4 : 2;
}

}  // namespace sirocco::cuda
