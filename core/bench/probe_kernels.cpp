#include "bench/probe_kernels.hpp"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sirocco {
namespace {

/// kStreams pieces of the memory are read side by side.
template <int kStreams>
float read_plain(const char* memory, size_t bytes) {
  typedef float Vec __attribute__((vector_size(16)));
  Vec sums[kStreams][4] = {};
  const size_t piece = bytes / kStreams / 64 * 64;
  for (size_t i = 0; i < piece; i += 64) {
#pragma GCC unroll 8
    for (int s = 0; s < kStreams; ++s) {
#pragma GCC unroll 8
      for (int v = 0; v < 4; ++v) {
        Vec x;
        std::memcpy(&x, memory + static_cast<size_t>(s) * piece + i + 16 * v, sizeof x);
        sums[s][v] += x;
      }
    }
  }
  float total = 0;
  for (const auto& stream : sums)
    for (const Vec& sum : stream) total += sum[0] + sum[1] + sum[2] + sum[3];
  return total;
}

float multiply_add_plain(size_t rounds) {
  typedef float Vec __attribute__((vector_size(16)));
  Vec sums[8] = {};
  Vec factor = Vec{} + 0.999f;
  for (auto& sum : sums) __asm__ volatile("" : "+x"(sum));  // or equal sums are made once
  for (size_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (Vec& sum : sums) sum = sum * factor + factor;
    __asm__ volatile("" : "+x"(factor));
  }
  float total = 0;
  for (const Vec& sum : sums) total += sum[0];
  return total;
}

#if defined(__x86_64__)

template <int kStreams, int kAhead>
__attribute__((target("avx2"))) float read_avx2(const char* memory, size_t bytes) {
  __m256 sums[kStreams][2] = {};
  const size_t piece = bytes / kStreams / 64 * 64;
  for (size_t i = 0; i < piece; i += 64) {
#pragma GCC unroll 8
    for (int s = 0; s < kStreams; ++s) {
      const char* at = memory + static_cast<size_t>(s) * piece + i;
      if (kAhead) _mm_prefetch(at + kAhead, _MM_HINT_T0);
#pragma GCC unroll 8
      for (int v = 0; v < 2; ++v)
        sums[s][v] =
            _mm256_add_ps(sums[s][v], _mm256_loadu_ps(reinterpret_cast<const float*>(at + 32 * v)));
    }
  }
  __m256 all = _mm256_setzero_ps();
  for (const auto& stream : sums)
    for (const __m256& sum : stream) all = _mm256_add_ps(all, sum);
  float parts[8];
  _mm256_storeu_ps(parts, all);
  return parts[0] + parts[7];
}

template <int kStreams, int kAhead>
__attribute__((target("avx512f"))) float read_avx512(const char* memory, size_t bytes) {
  constexpr int kVectors = 4;
  __m512 sums[kStreams][kVectors] = {};
  const size_t piece = bytes / kStreams / (64 * kVectors) * (64 * kVectors);
  for (size_t i = 0; i < piece; i += 64 * kVectors) {
#pragma GCC unroll 8
    for (int s = 0; s < kStreams; ++s) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        const char* at = memory + static_cast<size_t>(s) * piece + i + 64 * v;
        if (kAhead) _mm_prefetch(at + kAhead, _MM_HINT_T0);
        sums[s][v] = _mm512_add_ps(sums[s][v], _mm512_loadu_ps(at));
      }
    }
  }
  __m512 all = _mm512_setzero_ps();
  for (const auto& stream : sums)
    for (const __m512& sum : stream) all = _mm512_add_ps(all, sum);
  float parts[16];
  _mm512_storeu_ps(parts, all);
  return parts[0] + parts[15];
}

__attribute__((target("avx2,fma"))) float multiply_add_avx2(size_t rounds) {
  __m256 sums[12] = {};
  __m256 factor = _mm256_set1_ps(0.999f);
  for (auto& sum : sums) __asm__ volatile("" : "+x"(sum));  // or equal sums are made once
  for (size_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (__m256& sum : sums) sum = _mm256_fmadd_ps(sum, factor, factor);
    __asm__ volatile("" : "+x"(factor));
  }
  float total = 0;
  for (const __m256& sum : sums) total += _mm256_cvtss_f32(sum);
  return total;
}

__attribute__((target("avx512f"))) float multiply_add_avx512(size_t rounds) {
  __m512 sums[16] = {};
  __m512 factor = _mm512_set1_ps(0.999f);
  for (auto& sum : sums) __asm__ volatile("" : "+v"(sum));  // or equal sums are made once
  for (size_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (__m512& sum : sums) sum = _mm512_fmadd_ps(sum, factor, factor);
    __asm__ volatile("" : "+v"(factor));
  }
  float total = 0;
  for (const __m512& sum : sums) total += _mm512_cvtss_f32(sum);
  return total;
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))) float dot_bf16(size_t rounds) {
  __m512 sums[16] = {};
  __m512i ones = _mm512_set1_epi32(0x3f803f80);
  for (auto& sum : sums) __asm__ volatile("" : "+v"(sum));  // or equal sums are made once
  for (size_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (__m512& sum : sums)
      sum =
          _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(ones), reinterpret_cast<__m512bh>(ones));
    __asm__ volatile("" : "+v"(ones));
  }
  float total = 0;
  for (const __m512& sum : sums) total += _mm512_cvtss_f32(sum);
  return total;
}

#endif

}  // namespace

std::vector<ReadKernel> read_kernels() {
  std::vector<ReadKernel> kernels = {read_plain<1>};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2"))
    kernels.insert(kernels.end(), {read_avx2<1, 0>, read_avx2<1, 4096>, read_avx2<1, 8192>,
                                   read_avx2<2, 4096>, read_avx2<4, 0>});
  if (__builtin_cpu_supports("avx512f"))
    kernels.insert(kernels.end(), {read_avx512<1, 0>, read_avx512<1, 4096>, read_avx512<1, 8192>,
                                   read_avx512<2, 4096>, read_avx512<4, 0>});
#endif
  return kernels;
}

std::vector<FlopKernel> flop_kernels() {
  std::vector<FlopKernel> kernels = {{multiply_add_plain, 8 * 4 * 2}};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    kernels.push_back({multiply_add_avx2, 12 * 8 * 2});
  if (__builtin_cpu_supports("avx512f")) kernels.push_back({multiply_add_avx512, 16 * 16 * 2});
  if (__builtin_cpu_supports("avx512bf16")) kernels.push_back({dot_bf16, 16 * 32 * 2});
#endif
  return kernels;
}

}  // namespace sirocco
