#pragma once
// Sums and maxima over the threads of a warp.

#include <cuda_runtime.h>

namespace sirocco::cuda {

inline constexpr unsigned kAllLanes = 0xffffffffu;
inline constexpr int kWarp = 32;

/// Over groups of `width` neighbouring lanes, a power of two; every lane gets the sum.
template <class T>
__device__ inline T sum_lanes(T value, int width = kWarp) {
  for (int distance = width / 2; distance > 0; distance /= 2)
    value += __shfl_xor_sync(kAllLanes, value, distance);
  return value;
}

__device__ inline float max_lanes(float value, int width = kWarp) {
  for (int distance = width / 2; distance > 0; distance /= 2)
    value = fmaxf(value, __shfl_xor_sync(kAllLanes, value, distance));
  return value;
}

}  // namespace sirocco::cuda
