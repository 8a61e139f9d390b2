#pragma once
// What the skinny linear kernel gets.

#include <cstdint>

#include "kernels/dtype.hpp"

namespace sirocco::cpu {

/// Rows of activations that the skinny kernel takes; more are the matrix product's.
inline constexpr int64_t kSkinnyRows = 16;

/// out[m, n] = sum_k x[m, k] * weight[n, k], accumulated in f32.
struct SkinnyArgs {
  const float* x = nullptr;      ///< [m, k], contiguous, 64-byte aligned rows where k allows
  const void* weight = nullptr;  ///< [n, k], contiguous, at any address
  Dtype dtype = Dtype::f32;      ///< of the weight
  int64_t m = 0;                 ///< 1 to kSkinnyRows
  int64_t n = 0;
  int64_t k = 0;
  float* out = nullptr;  ///< [m, out_stride]
  int64_t out_stride = 0;
};

}  // namespace sirocco::cpu
