#pragma once
// The ops that the plugin takes, and what its kernels call dtypes.

#include <span>

#include <sirocco/sdk/kernel.hpp>

namespace sirocco::opencl {

/// As the kernels' macros A, W and S: 0 f32, 1 f16, 2 bf16. Throws sdk::Declined for another one.
int dtype_of(sirocco_dtype dtype);

std::span<const sdk::Kernel> claims();

}  // namespace sirocco::opencl
