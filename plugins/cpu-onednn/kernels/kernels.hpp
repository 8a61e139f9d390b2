#pragma once
// The kernels of one instruction set level, and how one is chosen at run time.

#include <cstdint>

#include "kernels/attention.hpp"
#include "kernels/dtype.hpp"
#include "kernels/linear.hpp"

namespace sirocco::cpu {

/// All take plain memory, allocate nothing and throw nothing. Rows are contiguous; pointers to f32
/// are aligned to four bytes, others may have any address.
struct Kernels {
  void (*to_f32)(Dtype dtype, const void* source, int64_t n, float* target);
  void (*from_f32)(Dtype dtype, const float* source, int64_t n, void* target);
  void (*rms_norm)(Dtype dtype, const void* x, Dtype weight_dtype, const void* weight, int64_t n,
                   float eps, float* out);
  void (*skinny)(const SkinnyArgs& args);
  void (*add)(float* a, const float* b, int64_t n);                       ///< a += b
  void (*mul)(float* a, const float* b, int64_t n);                       ///< a *= b
  void (*silu)(float* a, int64_t n);                                      ///< a = silu(a)
  void (*swiglu)(float* a, const float* b, int64_t n);                    ///< a = silu(a) * b
  void (*add_scaled)(float* a, const float* b, int64_t n, float factor);  ///< a += factor * b
  void (*rope_half)(float* head, const float* cosines, const float* sines, int64_t pairs);
  void (*rope_interleaved)(float* head, const float* cosines, const float* sines, int64_t pairs);
  void (*softmax)(float* x, int64_t n);
  int64_t (*attention_scratch_floats)(int64_t n_heads, int64_t n_kv_heads, int64_t k_dim,
                                      int64_t v_dim);
  int64_t (*attention_shared_floats)(int64_t max_seqs, int64_t n_heads, int64_t n_kv_heads,
                                     int64_t v_dim, int64_t n_threads);
  void (*attention)(const AttentionArgs& args, float* scratch, int64_t thread, int64_t n_threads);
  bool (*attention_needs_merge)(const AttentionArgs& args, int64_t n_threads);
  void (*attention_merge)(const AttentionArgs& args, int64_t thread, int64_t n_threads);
};

/// One definition a level, in level.cpp.
extern const Kernels kKernelsPlain;
#if defined(__x86_64__)
extern const Kernels kKernelsAvx2;
extern const Kernels kKernelsAvx512;
extern const Kernels kKernelsAvx512Bf16;
#endif

}  // namespace sirocco::cpu
