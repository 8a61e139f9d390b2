#pragma once
// Element types as kernels see them.

#include <cstdint>
#include <cstring>

namespace sirocco::cpu {

struct Bf16 {
  uint16_t bits;
};
struct F16 {
  uint16_t bits;
};

namespace {

inline float to_float(float x) {
  return x;
}

inline float to_float(Bf16 x) {
  const uint32_t wide = static_cast<uint32_t>(x.bits) << 16;
  float y;
  std::memcpy(&y, &wide, sizeof y);
  return y;
}

inline float to_float(F16 x) {
  const uint32_t sign = static_cast<uint32_t>(x.bits & 0x8000) << 16;
  const uint32_t exponent = x.bits >> 10 & 0x1f, fraction = x.bits & 0x3ff;
  uint32_t wide = sign | (exponent + 112) << 23 | fraction << 13;
  if (exponent == 0x1f) wide = sign | 0x7f800000 | fraction << 13;
  float y;
  std::memcpy(&y, &wide, sizeof y);
  if (exponent == 0) {
    y = static_cast<float>(fraction) * 0x1p-24f;
    if (sign) y = -y;
  }
  return y;
}

/// Rounds to nearest, ties to even.
inline F16 to_f16(float x) {
  uint32_t u;
  std::memcpy(&u, &x, sizeof u);
  const auto sign = static_cast<uint16_t>(u >> 16 & 0x8000);
  u &= 0x7fffffff;
  if (u > 0x7f800000) return {static_cast<uint16_t>(sign | 0x7e00)};
  if (u >= 0x47800000) return {static_cast<uint16_t>(sign | 0x7c00)};  // 65536 and more
  if (u < 0x38800000) {                                                // below 2^-14
    float y;
    std::memcpy(&y, &u, sizeof y);
    y += 0.5f;  // the unit in the last place of 0.5 is 2^-24, that of f16's smallest numbers
    uint32_t rounded;
    std::memcpy(&rounded, &y, sizeof rounded);
    return {static_cast<uint16_t>(sign | (rounded - 0x3f000000))};
  }
  const uint32_t rounded = u - 0x38000000 + 0xfff + (u >> 13 & 1);
  return {static_cast<uint16_t>(sign | rounded >> 13)};
}

}  // namespace
}  // namespace sirocco::cpu
