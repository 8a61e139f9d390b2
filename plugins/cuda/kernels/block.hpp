#pragma once
// Sums and maxima over all threads of a block.

#include "kernels/shared.hpp"
#include "kernels/warp.hpp"

namespace sirocco::cuda {

/// Every thread gets the sum. `kSlot`: of the shared memory (shared.hpp); calls of one kernel that
/// share a slot are kept apart by a barrier.
template <int kThreads, int kSlot, class T>
__device__ inline T sum_block(T value) {
  constexpr int kWarps = kThreads / kWarp;
  T* sums = shared_array<T, kWarps, kSlot>();
  value = sum_lanes(value);
  if (threadIdx.x % kWarp == 0) sums[threadIdx.x / kWarp] = value;
  __syncthreads();
  T sum = 0;
  for (int w = 0; w < kWarps; ++w) sum += sums[w];
  return sum;
}

template <int kThreads, int kSlot>
__device__ inline float max_block(float value) {
  constexpr int kWarps = kThreads / kWarp;
  float* most = shared_array<float, kWarps, kSlot>();
  value = max_lanes(value);
  if (threadIdx.x % kWarp == 0) most[threadIdx.x / kWarp] = value;
  __syncthreads();
  float all = most[0];
  for (int w = 1; w < kWarps; ++w) all = fmaxf(all, most[w]);
  return all;
}

}  // namespace sirocco::cuda
