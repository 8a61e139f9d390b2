#pragma once
// Dtypes that kernels take.

#include <cstdint>

namespace sirocco::cpu {

enum class Dtype : uint8_t { f32, bf16, f16 };

inline constexpr int64_t bytes_of(Dtype dtype) {
  return dtype == Dtype::f32 ? 4 : 2;
}

}  // namespace sirocco::cpu
