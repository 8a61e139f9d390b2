// Attention of many tokens of a sequence, any dtypes and head sizes, in f32: tiles of 16 query rows
// by 32 keys, a lane for each key. Keys outside the window of every row of a tile are never read.

#include <cmath>

#include "kernels/launch.hpp"
#include "kernels/numbers.hpp"
#include "kernels/paged.hpp"
#include "kernels/shared.hpp"
#include "kernels/warp.hpp"
#include "ops/attention.hpp"

namespace sirocco::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / kWarp;
constexpr int kKeys = kWarp;

/// Heads of up to `kDim` elements; each warp has `kOwn` of the tile's rows.
template <int kDim, int kOwn>
__global__ void __launch_bounds__(kThreads)
    prefill_tiles(const __grid_constant__ AttentionArgs args) {
  constexpr int kRows = kWarps * kOwn;
  constexpr int kStride = kDim + 1;  // lanes that read one element of different keys do not meet
  constexpr int kParts = kDim / kWarp;
  float* queries = shared_array<float, kRows * kDim, 0>();
  float* entries = shared_array<float, kKeys * kStride, 1>();  // keys, then values
  const QueryTile tile = query_tile(args, static_cast<int32_t>(blockIdx.x), kRows);
  if (tile.sequence < 0) return;
  const int kv_head = static_cast<int>(blockIdx.y), thread = static_cast<int>(threadIdx.x);
  const int warp = thread / kWarp, lane = thread % kWarp;
  const int heads = args.kv_heads * args.group;
  const int n_rows = min(kRows, tile.n_rows - tile.first_row);
  // The query head of a row, as a row of [T * heads].
  const auto head_of = [&](int row) {
    const int64_t token = tile.token + (tile.first_row + row) / args.group;
    return token * heads + kv_head * args.group + (tile.first_row + row) % args.group;
  };
  const auto position_of = [&](int row) {
    return tile.position + (tile.first_row + row) / args.group;
  };
  for (int i = thread; i < kRows * args.k_dim; i += kThreads) {
    const int row = i / args.k_dim, d = i % args.k_dim;
    queries[row * kDim + d] =
        row < n_rows ? args.scale * load(args.q, args.dtype, head_of(row) * args.k_dim + d) : 0.0f;
  }

  float most[kOwn], sum[kOwn] = {}, total[kOwn][kParts] = {};
  for (int r = 0; r < kOwn; ++r) most[r] = -INFINITY;
  const int end = position_of(n_rows - 1) + 1;
  const int oldest = position_of(0) + 1;  // the end of the range of the first row
  const int first = oldest > args.window ? oldest - args.window : 0;
  const int32_t* table =
      args.paged.table + static_cast<int64_t>(tile.sequence) * args.paged.table_stride;
  const auto fetch = [&](const void* plane, int dim, int base) {
    const int64_t width = static_cast<int64_t>(args.kv_heads) * dim;
    for (int i = thread; i < kKeys * dim; i += kThreads) {
      const int key = i / dim, d = i % dim;
      float x = 0;  // what is not there must not be NaN: it is multiplied by 0
      if (base + key < end) {
        const int64_t slot = slot_of(args.paged, table, base + key);
        x = load(plane, args.state_dtype, slot * width + kv_head * dim + d);
      }
      entries[key * kStride + d] = x;
    }
  };
  for (int base = first; base < end; base += kKeys) {
    __syncthreads();
    fetch(args.keys, args.k_dim, base);
    __syncthreads();
    float weight[kOwn];
#pragma unroll
    for (int r = 0; r < kOwn; ++r) {
      const int row = warp * kOwn + r, position = position_of(row), key = base + lane;
      float score = 0;
      for (int d = 0; d < args.k_dim; ++d)
        score += queries[row * kDim + d] * entries[lane * kStride + d];
      const bool seen =
          row < n_rows && key <= position && position - key < args.window && key < end;
      const float now = fmaxf(most[r], max_lanes(seen ? score : -INFINITY));
      const float factor = most[r] == -INFINITY ? 0.0f : expf(most[r] - now);
      weight[r] = seen ? expf(score - now) : 0.0f;
      most[r] = now;
      sum[r] = sum[r] * factor + sum_lanes(weight[r]);
#pragma unroll
      for (int i = 0; i < kParts; ++i) total[r][i] *= factor;
    }
    __syncthreads();
    fetch(args.values, args.v_dim, base);
    __syncthreads();
    for (int key = 0; key < kKeys; ++key) {
#pragma unroll
      for (int r = 0; r < kOwn; ++r) {
        const float w = __shfl_sync(kAllLanes, weight[r], key);
#pragma unroll
        for (int i = 0; i < kParts; ++i)
          if (i * kWarp + lane < args.v_dim)
            total[r][i] += w * entries[key * kStride + i * kWarp + lane];
      }
    }
  }
#pragma unroll
  for (int r = 0; r < kOwn; ++r) {
    const int row = warp * kOwn + r;
    if (row >= n_rows) break;
#pragma unroll
    for (int i = 0; i < kParts; ++i)
      if (i * kWarp + lane < args.v_dim)
        store(args.out, args.dtype, head_of(row) * args.v_dim + i * kWarp + lane,
              total[r][i] / sum[r]);
  }
}

template <int kDim, int kOwn>
void launch_tiles(Launcher& launcher, const AttentionArgs& args, int64_t tokens, int64_t seqs) {
  const Grid grid{.x = most_query_tiles(args, tokens, seqs, kWarps * kOwn),
                  .y = args.kv_heads,
                  .threads = kThreads};
  launch(launcher, grid, prefill_tiles<kDim, kOwn>, args);
}

}  // namespace

void attention_prefill_tiles(Launcher& launcher, const AttentionArgs& args, int64_t tokens,
                             int64_t seqs) {
  const int32_t dim = args.k_dim > args.v_dim ? args.k_dim : args.v_dim;
  if (dim <= 64) return launch_tiles<64, 2>(launcher, args, tokens, seqs);
  if (dim <= 128) return launch_tiles<128, 2>(launcher, args, tokens, seqs);
  launch_tiles<kMostHeadDim, 1>(launcher, args, tokens, seqs);
}

}  // namespace sirocco::cuda
