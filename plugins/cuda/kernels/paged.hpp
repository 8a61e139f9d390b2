#pragma once
// Where the keys of a token lie, and which tokens and keys a block has.

#include <cuda_runtime.h>

#include "ops/attention.hpp"

namespace sirocco::cuda {

/// Where a position of a sequence lies in the state. `table`: of the sequence.
__device__ inline int64_t slot_of(const PagedStep& paged, const int32_t* table, int32_t position) {
  const int32_t page = position / paged.page_tokens;
  return static_cast<int64_t>(table[page]) * paged.page_tokens +
         (position - page * paged.page_tokens);
}

/// The keys [first, end) that a token sees.
struct Range {
  int32_t first;
  int32_t end;
};

__device__ inline Range range_of(const AttentionArgs& args, int32_t sequence, int64_t token) {
  const PagedStep& paged = args.paged;
  const int32_t end =
      paged.kv_lens[sequence] - paged.cu_seqlens[sequence + 1] + static_cast<int32_t>(token) + 1;
  return {end > args.window ? end - args.window : 0, end};
}

/// How a range is cut: `parts` of `keys` each, the last one shorter.
struct Cut {
  int32_t keys;
  int32_t parts;
};

__device__ inline Cut cut_of(const AttentionArgs& args, const Range& range) {
  const int32_t n = range.end - range.first;
  int32_t keys = (n + args.splits - 1) / args.splits;
  keys = (keys + kLeastSplit - 1) / kLeastSplit * kLeastSplit;
  return {keys, (n + keys - 1) / keys};
}

/// Where a tile of prefill's queries lies: rows are (token, head of the group), heads fastest.
struct QueryTile {
  int32_t sequence = -1;  ///< below 0: nothing is left for this tile
  int32_t first_row = 0;
  int32_t n_rows = 0;    ///< of the whole sequence
  int32_t position = 0;  ///< of the sequence's first new token
  int32_t token = 0;     ///< its row
};

/// The tile of that number, counted over the sequences that are prefill's.
__device__ inline QueryTile query_tile(const AttentionArgs& args, int32_t tile, int32_t rows) {
  const PagedStep& paged = args.paged;
  const int32_t n_seqs = paged.step[SIROCCO_STEP_LIVE_SEQS];
  for (int32_t s = 0; s < n_seqs; ++s) {
    const int32_t fresh = paged.cu_seqlens[s + 1] - paged.cu_seqlens[s];
    if (fresh <= args.few_tokens || fresh == 0) continue;
    const int32_t n_rows = fresh * args.group, tiles = (n_rows + rows - 1) / rows;
    if (tile < tiles)
      return {s, tile * rows, n_rows, paged.kv_lens[s] - fresh, paged.cu_seqlens[s]};
    tile -= tiles;
  }
  return {};
}

}  // namespace sirocco::cuda
