#pragma once
// Whether the plugin holds machine code, or PTX to make it from, for the current device.

#include <cuda_runtime.h>

namespace sirocco::cuda {

/// cudaSuccess, or what a first launch would have answered.
cudaError_t find_kernels();

}  // namespace sirocco::cuda
