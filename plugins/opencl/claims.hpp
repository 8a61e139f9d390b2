#pragma once
// The ops that the plugin takes, and what its kernels call dtypes.

#include <span>

#include <sirocco/sdk/kernel.hpp>

namespace sirocco::opencl {

/// "f32", "f16" or "bf16", as the kernels' macros X, A, W and S. Throws sdk::Declined for another
/// one.
const char* dtype_of(sirocco_dtype dtype);

std::span<const sdk::Kernel> claims();

}  // namespace sirocco::opencl
