#pragma once

#include <cstddef>

#include <sirocco/abi/types.h>

namespace sirocco {

/// `n` elements of a float dtype (f32, f16, bf16, f64), maybe unaligned, as f32. Throws
/// Error(failure) for any other dtype.
void scalars_to_f32(const std::byte* source, sirocco_dtype dtype, size_t n, float* target);

}  // namespace sirocco
