#pragma once
// One vector of floats, as wide as the level this file is compiled for allows.
//
// Everything here has internal linkage on purpose: each level compiles its own copy with other
// compiler flags, and the linker must never pick one level's copy for another. For the same reason
// kernels use no templates or inline functions of the standard library.

#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "kernels/number.hpp"

namespace sirocco::cpu {
namespace {

#if defined(__AVX512F__)
constexpr int64_t kWidth = 16;
#elif defined(__AVX2__)
constexpr int64_t kWidth = 8;
#else
constexpr int64_t kWidth = 4;
#endif

/// Vector registers: what a block's sums and operands must fit into.
#if defined(__AVX512F__)
constexpr int kRegisters = 32;
#else
constexpr int kRegisters = 16;
#endif

typedef float Vec __attribute__((vector_size(kWidth * sizeof(float))));
typedef int32_t VecInt __attribute__((vector_size(kWidth * sizeof(int32_t))));
typedef uint32_t VecUint __attribute__((vector_size(kWidth * sizeof(uint32_t))));
typedef uint16_t VecHalf __attribute__((vector_size(kWidth * sizeof(uint16_t))));

inline Vec splat(float x) {
#if defined(__AVX512F__)
  return _mm512_set1_ps(x);
#elif defined(__AVX2__)
  return _mm256_set1_ps(x);
#else
  return Vec{x, x, x, x};
#endif
}
inline VecInt bits(Vec x) {
  return reinterpret_cast<VecInt>(x);
}
inline VecUint ubits(Vec x) {
  return reinterpret_cast<VecUint>(x);
}

/// a * b + c, rounded once where the level has the instruction.
inline Vec fma(Vec a, Vec b, Vec c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__FMA__)
  return _mm256_fmadd_ps(a, b, c);
#else
  return a * b + c;
#endif
}

inline Vec maximum(Vec a, Vec b) {
#if defined(__AVX512F__)
  return _mm512_max_ps(a, b);
#elif defined(__AVX2__)
  return _mm256_max_ps(a, b);
#else
  return a > b ? a : b;
#endif
}

// ---- loads and stores of kWidth elements, at any address ----

inline Vec load(const float* p) {
  Vec x;
  std::memcpy(&x, p, sizeof x);
  return x;
}
inline void store(float* p, Vec x) {
  std::memcpy(p, &x, sizeof x);
}

inline Vec load(const Bf16* p) {
  VecHalf half;
  std::memcpy(&half, p, sizeof half);
  return reinterpret_cast<Vec>(__builtin_convertvector(half, VecUint) << 16);
}
/// Rounds to nearest, ties to even; NaN stays NaN.
inline void store(Bf16* p, Vec x) {
  const VecUint u = ubits(x);
  const VecUint rounded = (u + 0x7fffu + (u >> 16 & 1u)) >> 16;
  const VecUint quiet = u >> 16 | 0x40u;
  const VecUint nan = reinterpret_cast<VecUint>(x != x);
  const VecHalf half = __builtin_convertvector((rounded & ~nan) | (quiet & nan), VecHalf);
  std::memcpy(p, &half, sizeof half);
}

inline Vec load(const F16* p) {
#if defined(__AVX512F__)
  return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
#elif defined(__F16C__)
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
#else
  Vec x;
  for (int64_t i = 0; i < kWidth; ++i) x[i] = to_float(p[i]);
  return x;
#endif
}
inline void store(F16* p, Vec x) {
#if defined(__AVX512F__)
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p),
                      _mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
#elif defined(__F16C__)
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
#else
  for (int64_t i = 0; i < kWidth; ++i) p[i] = to_f16(x[i]);
#endif
}

/// The first `n` < kWidth elements; the rest is zero.
template <class T>
inline Vec load_part(const T* p, int64_t n) {
  T padded[kWidth] = {};
  for (int64_t i = 0; i < n; ++i) padded[i] = p[i];
  return load(padded);
}
template <class T>
inline void store_part(T* p, int64_t n, Vec x) {
  T padded[kWidth];
  store(padded, x);
  for (int64_t i = 0; i < n; ++i) p[i] = padded[i];
}

// ---- reductions ----

inline float sum(Vec x) {
#if defined(__AVX512F__)
  return _mm512_reduce_add_ps(x);
#elif defined(__AVX2__)
  const __m128 four = _mm256_castps256_ps128(x) + _mm256_extractf128_ps(x, 1);
  const __m128 two = four + _mm_movehl_ps(four, four);
  return two[0] + two[1];
#else
  float total = 0;
  for (int64_t i = 0; i < kWidth; ++i) total += x[i];
  return total;
#endif
}

#if defined(__AVX2__) && !defined(__AVX512F__)
/// The sums of four vectors' elements, in order.
inline __m128 sums_of(Vec a, Vec b, Vec c, Vec d) {
  const __m256 fours = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
  return _mm256_castps256_ps128(fours) + _mm256_extractf128_ps(fours, 1);
}
#endif

inline float largest(Vec x) {
#if defined(__AVX512F__)
  return _mm512_reduce_max_ps(x);
#elif defined(__AVX2__)
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return two[0] > two[1] ? two[0] : two[1];
#else
  float most = x[0];
  for (int64_t i = 1; i < kWidth; ++i) most = x[i] > most ? x[i] : most;
  return most;
#endif
}

// ---- exp ----

/// e^x to about 1 ulp: x = k ln 2 + r with |r| ≤ ln 2 / 2, a polynomial in r, then 2^k by the
/// exponent's bits (Cody and Waite's reduction). Below -87.3 the result is 0, above 88.7 infinity.
inline Vec exp(Vec x) {
  const Vec low = splat(-87.33654f), high = splat(88.72283f);
  const VecInt under = x<low, over = x> high;
  const Vec magic = splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer
  const Vec shifted = fma(x, splat(1.44269504f), magic);
  const Vec k = shifted - magic;
  Vec r = fma(k, splat(-0.693359375f), x);
  r = fma(k, splat(2.12194440e-4f), r);
  Vec p = splat(1.9875691500e-4f);
  p = fma(p, r, splat(1.3981999507e-3f));
  p = fma(p, r, splat(8.3334519073e-3f));
  p = fma(p, r, splat(4.1665795894e-2f));
  p = fma(p, r, splat(1.6666665459e-1f));
  p = fma(p, r, splat(5.0000001201e-1f));
  p = fma(p, r * r, r + 1.0f);
  // 2^k in two factors, so that k = 128 does not overflow before the product does.
  const VecInt n = bits(shifted) - bits(magic);
  const VecInt half = n >> 1;
  const Vec a = reinterpret_cast<Vec>((half + 127) << 23);
  const Vec b = reinterpret_cast<Vec>((n - half + 127) << 23);
  Vec y = p * a * b;
  const Vec infinity = splat(__builtin_inff());
  y = reinterpret_cast<Vec>((bits(y) & ~under & ~over) | (bits(infinity) & over));
  const VecInt nan = x != x;
  return reinterpret_cast<Vec>((bits(y) & ~nan) | (bits(x) & nan));
}

}  // namespace
}  // namespace sirocco::cpu
