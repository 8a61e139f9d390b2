#pragma once
// Where kernels are queued, as the host sees it.

#include <cstdint>

#include <cuda_runtime.h>

namespace sirocco::cuda {

/// A stream and what was launched on it. The stream is the device's.
struct Launcher {
  cudaStream_t stream = nullptr;
  uint64_t launches = 0;  ///< kernels, since it was made
  /// The first failure of a launch; cudaSuccess: none.
  cudaError_t failed = cudaSuccess;
};

/// a / b, rounded up; both above 0.
constexpr int64_t ceil_div(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

/// The smallest power of two that is at least `size`, or `limit` where that is less.
constexpr int64_t bucket(int64_t size, int64_t limit) {
  int64_t power = 1;
  while (power < size) power *= 2;
  return power < limit ? power : limit;
}

}  // namespace sirocco::cuda
