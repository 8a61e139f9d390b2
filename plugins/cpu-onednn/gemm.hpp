#pragma once
// Matrix products of many rows, by oneDNN, on the calling thread alone.

#include <cstdint>
#include <memory>

#include "kernels/dtype.hpp"

namespace sirocco::cpu {

/// out[m, n] = sum_k a[m, k] * b[n, k], accumulated in f32.
struct GemmArgs {
  const void* a = nullptr;   ///< [m, k], contiguous
  const void* b = nullptr;   ///< [n, k], contiguous: a weight as it is on file
  Dtype dtype = Dtype::f32;  ///< of a and b: f32 or bf16
  int64_t m = 0, n = 0, k = 0;
  float* out = nullptr;  ///< [m, out_stride]
  int64_t out_stride = 0;
};

/// One thread's products. What a size needs is made when it is first met and kept; that allocates.
class Gemm {
 public:
  Gemm();
  Gemm(Gemm&&) noexcept;
  Gemm& operator=(Gemm&&) noexcept;
  ~Gemm();
  /// Throws sdk::StatusError where the library has no fast implementation, or fails.
  void run(const GemmArgs& args);

  /// To be called once before the first product: no instructions above these.
  enum class Limit { none, sse41, avx2, avx512, avx512_bf16 };
  static void limit_instructions(Limit limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sirocco::cpu
