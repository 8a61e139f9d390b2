#pragma once
// What an attention kernel gets: one state member and the step's sequences.

#include <cstdint>

#include "kernels/dtype.hpp"

namespace sirocco::cpu {

/// Causal grouped-query attention over a paged state that already holds this step's keys and
/// values. Head h of the queries reads head h / (n_heads / n_kv_heads) of keys and values. The
/// query of token t of sequence s (t in [cu_seqlens[s], cu_seqlens[s+1])) has position p =
/// kv_lens[s] - (cu_seqlens[s+1] - t) and sees the positions (p - window, p].
struct AttentionArgs {
  const void* q = nullptr;     ///< [T, n_heads * k_dim], contiguous
  void* out = nullptr;         ///< [T, n_heads * v_dim], contiguous
  Dtype dtype = Dtype::f32;    ///< of q and out
  const void* keys = nullptr;  ///< [slots, n_kv_heads * k_dim]; slot = page * page_tokens + offset
  const void* values = nullptr;  ///< [slots, n_kv_heads * v_dim]
  Dtype kv_dtype = Dtype::f32;
  int64_t n_heads = 0, n_kv_heads = 0, k_dim = 0, v_dim = 0;
  int64_t window = 0;  ///< keys a query sees, its own included; INT64_MAX: all
  float scale = 1;
  int64_t n_seqs = 0;
  const int32_t* cu_seqlens = nullptr;  ///< [n_seqs + 1]
  const int32_t* kv_lens = nullptr;     ///< [n_seqs]
  const int32_t* block_table =
      nullptr;  ///< [n_seqs, table_stride]; pages that a query sees are ≥ 0
  int64_t table_stride = 0;
  int64_t page_tokens = 0;
  float* shared = nullptr;  ///< attention_shared_floats() floats, for all threads
};

}  // namespace sirocco::cpu
