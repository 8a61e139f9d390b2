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

}  // namespace sirocco::cuda
