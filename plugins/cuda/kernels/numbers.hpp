#pragma once
// The numbers that values, weights and states are made of, and how 16 bytes of them are read.

#include <cstdint>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include "ops/args.hpp"

namespace sirocco::cuda {

using bf16 = __nv_bfloat16;
using f16 = __half;

__device__ inline float to_float(float x) {
  return x;
}
__device__ inline float to_float(f16 x) {
  return __half2float(x);
}
__device__ inline float to_float(bf16 x) {
  return __bfloat162float(x);
}

/// Rounded to nearest, ties to even.
template <class T>
__device__ inline T from_float(float x);
template <>
__device__ inline float from_float<float>(float x) {
  return x;
}
template <>
__device__ inline f16 from_float<f16>(float x) {
  return __float2half_rn(x);
}
template <>
__device__ inline bf16 from_float<bf16>(float x) {
  return __float2bfloat16_rn(x);
}

/// Element `index` of an array whose type is only known when the kernel runs.
__device__ inline float load(const void* base, Dtype dtype, int64_t index) {
  if (dtype == Dtype::f32) return static_cast<const float*>(base)[index];
  if (dtype == Dtype::f16) return to_float(static_cast<const f16*>(base)[index]);
  return to_float(static_cast<const bf16*>(base)[index]);
}

__device__ inline void store(void* base, Dtype dtype, int64_t index, float value) {
  if (dtype == Dtype::f32) {
    static_cast<float*>(base)[index] = value;
  } else if (dtype == Dtype::f16) {
    static_cast<f16*>(base)[index] = from_float<f16>(value);
  } else {
    static_cast<bf16*>(base)[index] = from_float<bf16>(value);
  }
}

/// Elements in 16 bytes.
template <class T>
inline constexpr int kVector = 16 / static_cast<int>(sizeof(T));

/// 16 bytes that are read once: they need not stay in the cache. `source` is aligned to 16 bytes.
__device__ inline uint4 load_once(const void* source) {
  return __ldcs(static_cast<const uint4*>(source));
}

/// The elements of a word of 4 bytes: one float, or two of 16 bits, the lower address first.
__device__ inline void unpack(uint32_t word, float* target, float) {
  target[0] = __uint_as_float(word);
}
__device__ inline void unpack(uint32_t word, float* target, bf16) {
  target[0] = __uint_as_float(word << 16);
  target[1] = __uint_as_float(word & 0xffff0000u);
}
__device__ inline void unpack(uint32_t word, float* target, f16) {
  target[0] = __half2float(__ushort_as_half(static_cast<unsigned short>(word & 0xffffu)));
  target[1] = __half2float(__ushort_as_half(static_cast<unsigned short>(word >> 16)));
}

/// The kVector<T> elements of 16 bytes.
template <class T>
__device__ inline void unpack(const uint4& words, float* target) {
  constexpr int kStep = kVector<T> / 4;
  unpack(words.x, target, T{});
  unpack(words.y, target + kStep, T{});
  unpack(words.z, target + 2 * kStep, T{});
  unpack(words.w, target + 3 * kStep, T{});
}

/// Two neighbours as one word, the first at the lower address.
template <class T>
__device__ inline uint32_t pack(float first, float second);
template <>
__device__ inline uint32_t pack<f16>(float first, float second) {
  return __half_as_ushort(from_float<f16>(first)) |
         static_cast<uint32_t>(__half_as_ushort(from_float<f16>(second))) << 16;
}
template <>
__device__ inline uint32_t pack<bf16>(float first, float second) {
  return __bfloat16_as_ushort(from_float<bf16>(first)) |
         static_cast<uint32_t>(__bfloat16_as_ushort(from_float<bf16>(second))) << 16;
}

/// x / (1 + e^-x); e^-x overflows to infinity where x is far below 0, and the quotient is then 0.
__device__ inline float silu(float x) {
  return x / (1.0f + expf(-x));
}

}  // namespace sirocco::cuda
