#pragma once
// What the CUDA runtime says of a failure, as the ABI's status and a message.

#include <string>

#include <cuda_runtime.h>
#include <sirocco/sdk/plugin.hpp>

namespace sirocco::cuda {

/// "cudaErrorNoDevice: no CUDA-capable device is detected"
std::string describe(cudaError_t error);

/// SIROCCO_OUT_OF_MEMORY, SIROCCO_DEVICE_LOST where nothing on the device works any more, else
/// SIROCCO_FAILED.
sirocco_status status_of(cudaError_t error);

/// Throws StatusError where `error` is one. `what`: what was tried, as "the copy to the device".
void check(cudaError_t error, const char* what);

}  // namespace sirocco::cuda
