#pragma once
// Float formats: conversion to and from double, rounded once, to nearest with ties to even.

#include <bit>
#include <cstdint>
#include <cstring>

#include <sirocco/sdk/tensor.hpp>

namespace sirocco::sdk {

namespace detail {

/// A double as a float of 16 bits with `kExponent` exponent bits.
template <int kExponent>
constexpr uint16_t to_16_bits(double value) {
  constexpr int kMantissa = 15 - kExponent;
  constexpr int kBias = (1 << (kExponent - 1)) - 1;
  constexpr uint64_t kInfinity = ((uint64_t{1} << kExponent) - 1) << kMantissa;
  const auto bits = std::bit_cast<uint64_t>(value);
  const auto sign = static_cast<uint16_t>(bits >> 48 & 0x8000);
  const int exponent = static_cast<int>(bits >> 52 & 0x7ff);
  const uint64_t fraction = bits & ((uint64_t{1} << 52) - 1);
  if (exponent == 0x7ff) {
    const uint64_t quiet = fraction ? uint64_t{1} << (kMantissa - 1) : 0;
    return static_cast<uint16_t>(sign | kInfinity | quiet | fraction >> (52 - kMantissa));
  }
  const int biased = exponent - 1023 + kBias;
  const int shift = 52 - kMantissa + (biased > 0 ? 0 : 1 - biased);
  if (exponent == 0 || shift > 54) return sign;  // less than half of the smallest number
  const uint64_t significand = fraction | uint64_t{1} << 52;
  uint64_t kept = significand >> shift;
  const uint64_t rest = significand & ((uint64_t{1} << shift) - 1);
  const uint64_t half = uint64_t{1} << (shift - 1);
  if (rest > half || (rest == half && (kept & 1))) ++kept;
  // A carry out of the mantissa runs into the exponent, which is what it should do.
  if (biased > 0) kept += static_cast<uint64_t>(biased - 1) << kMantissa;
  return static_cast<uint16_t>(sign | (kept < kInfinity ? kept : kInfinity));
}

}  // namespace detail

constexpr float bf16_to_float(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

constexpr float f16_to_float(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  const uint32_t exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
  if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000 | fraction << 13);
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

constexpr uint16_t double_to_bf16(double value) {
  return detail::to_16_bits<8>(value);
}
constexpr uint16_t double_to_f16(double value) {
  return detail::to_16_bits<5>(value);
}

namespace detail {

template <class Stored, class Decode>
void load_as(const std::byte* source, int64_t n, double* target, Decode decode) {
  for (int64_t i = 0; i < n; ++i) {
    Stored stored;
    std::memcpy(&stored, source + i * static_cast<int64_t>(sizeof stored), sizeof stored);
    target[i] = decode(stored);
  }
}

template <class Stored, class Encode>
void store_as(std::byte* target, int64_t n, const double* source, Encode encode) {
  for (int64_t i = 0; i < n; ++i) {
    const Stored stored = encode(source[i]);
    std::memcpy(target + i * static_cast<int64_t>(sizeof stored), &stored, sizeof stored);
  }
}

}  // namespace detail

/// Reads `n` floats of that dtype, from element `first` on, as doubles. `base` may be unaligned.
inline void load_doubles(const std::byte* base, sirocco_dtype dtype, int64_t first, int64_t n,
                         double* target) {
  const std::byte* source = base + first * dtype_bytes(dtype);
  switch (dtype) {
    case SIROCCO_DTYPE_F32:
      return detail::load_as<float>(source, n, target, [](float x) { return double{x}; });
    case SIROCCO_DTYPE_F64:
      return detail::load_as<double>(source, n, target, [](double x) { return x; });
    case SIROCCO_DTYPE_BF16:
      return detail::load_as<uint16_t>(source, n, target,
                                       [](uint16_t x) { return double{bf16_to_float(x)}; });
    case SIROCCO_DTYPE_F16:
      return detail::load_as<uint16_t>(source, n, target,
                                       [](uint16_t x) { return double{f16_to_float(x)}; });
    default:
      throw StatusError(SIROCCO_UNSUPPORTED, "a float dtype was expected");
  }
}

/// Writes `n` doubles as floats of that dtype, from element `first` on, each rounded once.
inline void store_doubles(std::byte* base, sirocco_dtype dtype, int64_t first, int64_t n,
                          const double* source) {
  std::byte* target = base + first * dtype_bytes(dtype);
  switch (dtype) {
    case SIROCCO_DTYPE_F32:
      return detail::store_as<float>(target, n, source,
                                     [](double x) { return static_cast<float>(x); });
    case SIROCCO_DTYPE_F64:
      return detail::store_as<double>(target, n, source, [](double x) { return x; });
    case SIROCCO_DTYPE_BF16:
      return detail::store_as<uint16_t>(target, n, source, double_to_bf16);
    case SIROCCO_DTYPE_F16:
      return detail::store_as<uint16_t>(target, n, source, double_to_f16);
    default:
      throw StatusError(SIROCCO_UNSUPPORTED, "a float dtype was expected");
  }
}

/// Whole rows of a tensor to and from doubles. The caller stays inside [0, rows()).
inline void load_row(const Tensor& tensor, int64_t row, double* target) {
  load_doubles(tensor.data, tensor.dtype, row * tensor.width(), tensor.width(), target);
}
inline void store_row(const Tensor& tensor, int64_t row, const double* source) {
  store_doubles(tensor.data, tensor.dtype, row * tensor.width(), tensor.width(), source);
}

}  // namespace sirocco::sdk
