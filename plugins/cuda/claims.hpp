#pragma once
// Which nodes the backend takes.

#include <span>

#include <sirocco/sdk/kernel.hpp>

#include "ops/args.hpp"

namespace sirocco::cuda {

/// The ops, each with a check of shapes, dtypes and attributes.
std::span<const sdk::Kernel> claims();

/// Throws sdk::Declined for a dtype that the kernels do not take.
Dtype dtype_of(sirocco_dtype dtype);

}  // namespace sirocco::cuda
