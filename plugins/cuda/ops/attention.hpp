#pragma once
// Causal grouped-query attention over a paged state, in four kernels: keys and values appended,
// tokens of sequences with few new tokens (decode), of sequences with many (prefill) on tensor
// cores, and the same for any dtypes and sizes.

#include "ops/args.hpp"
#include "ops/launcher.hpp"

namespace sirocco::cuda {

struct AttentionArgs {
  PagedStep paged;
  const void* q = nullptr;           ///< [T, kv_heads * group * k_dim]
  void* out = nullptr;               ///< [T, kv_heads * group * v_dim]
  void* keys = nullptr;              ///< plane of the state: [slots, kv_heads * k_dim]
  void* values = nullptr;            ///< [slots, kv_heads * v_dim]
  const void* new_keys = nullptr;    ///< [T, kv_heads * k_dim], where not appended already
  const void* new_values = nullptr;  ///< [T, kv_heads * v_dim]
  float* partial = nullptr;          ///< [T, heads, splits, v_dim + 2], where splits > 1
  Dtype dtype = Dtype::f32;          ///< of q, out and the new keys and values
  Dtype state_dtype = Dtype::f32;
  int32_t kv_heads = 0;
  int32_t group = 1;  ///< query heads a key head
  int32_t k_dim = 0;
  int32_t v_dim = 0;
  int32_t window = INT32_MAX;  ///< keys a query sees
  float scale = 1;
  int32_t splits = 1;
  /// Sequences with more new tokens than this are prefill's; the others decode's.
  int32_t few_tokens = 0;
};

/// New keys and values to their slots.
void append_state(Launcher& launcher, const AttentionArgs& args, int64_t tokens);

/// Whether head sizes and dtypes are such that `attention_decode` takes.
bool fits_decode(const AttentionArgs& args);
/// Every token of a sequence with few new tokens, split over its keys into `splits` parts; writes
/// zeros for null rows.
void attention_decode(Launcher& launcher, const AttentionArgs& args, int64_t tokens);

bool fits_prefill_tensor_cores(const AttentionArgs& args);
void attention_prefill_tensor_cores(Launcher& launcher, const AttentionArgs& args, int64_t tokens,
                                    int64_t seqs);

/// Elements of a head at most.
inline constexpr int32_t kMostHeadDim = 256;
/// `few_tokens` below 0: of every sequence.
void attention_prefill_tiles(Launcher& launcher, const AttentionArgs& args, int64_t tokens,
                             int64_t seqs);

/// Keys that a part of a split has at least.
inline constexpr int32_t kLeastSplit = 64;

/// Tiles that `query_tile` may find, at most.
inline int64_t most_query_tiles(const AttentionArgs& args, int64_t tokens, int64_t seqs,
                                int64_t rows) {
  return ceil_div(tokens * args.group, rows) + seqs;
}

}  // namespace sirocco::cuda
