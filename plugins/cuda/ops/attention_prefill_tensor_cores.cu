// Attention of many tokens of a sequence on tensor cores, in f16 or bf16: tiles of 64 query rows,
// 16 for each of four warps, by 32 keys, which travel through two stages of shared memory. Scores
// stay in registers: what one product leaves is what the next one takes (Dao, "FlashAttention-2",
// 2023). The rows of a tile are (token, head of the group), so that a key is read once for all its
// heads.

#include <cmath>

#include "kernels/launch.hpp"
#include "kernels/numbers.hpp"
#include "kernels/paged.hpp"
#include "kernels/ptx.hpp"
#include "kernels/shared.hpp"
#include "kernels/warp.hpp"
#include "ops/attention.hpp"

namespace sirocco::cuda {
namespace {

constexpr int kThreads = 128;
constexpr int kRows = 64;
constexpr int kKeys = 32;
constexpr int kChunk = 8;  ///< elements of one copy, 16 bytes

/// Where chunk `chunk` of entry `key` lies in a stage: eight entries that are read together lie in
/// different banks.
template <int kDim>
__device__ int place(int key, int chunk) {
  constexpr int kMixed = kDim / kChunk < 8 ? kDim / kChunk : 8;
  return key * kDim + (chunk ^ (key * kMixed / 8 % kMixed)) * kChunk;
}

/// Begins to copy kKeys entries of one head, from position `base` on; zeros from `end` on, because
/// what is not there must not be NaN: it is multiplied by 0.
template <class T, int kDim>
__device__ void copy_entries(const AttentionArgs& args, const int32_t* table, const void* plane,
                             int kv_head, int base, int end, T* stage) {
  constexpr int kChunks = kDim / kChunk;
  const int64_t width = static_cast<int64_t>(args.kv_heads) * kDim;
  for (int i = static_cast<int>(threadIdx.x); i < kKeys * kChunks; i += kThreads) {
    const int key = i / kChunks, chunk = i % kChunks;
    const bool there = base + key < end;
    const T* source = static_cast<const T*>(plane);
    if (there)
      source += slot_of(args.paged, table, base + key) * width + kv_head * kDim + chunk * kChunk;
    ptx::copy_async(stage + place<kDim>(key, chunk), source, there);
  }
}

/// The softmax of a thread's two rows, lane / 4 and lane / 4 + 8 of its warp's.
struct Rows {
  int position[2];
  float most[2] = {-INFINITY, -INFINITY};
  float sum[2] = {};
};

/// Scores become weights in place; returns by what the totals so far are to be multiplied.
template <int kTiles>
__device__ float2 to_weights(const AttentionArgs& args, int base, Rows& rows,
                             float (&scores)[kTiles][4]) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  float factor[2];
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    float most = rows.most[half];
#pragma unroll
    for (int j = 0; j < kTiles; ++j) {
#pragma unroll
      for (int c = 0; c < 2; ++c) {
        const int key = base + j * 8 + lane % 4 * 2 + c;
        const int distance = rows.position[half] - key;
        float& score = scores[j][half * 2 + c];
        score = distance >= 0 && distance < args.window ? score * args.scale : -INFINITY;
        most = fmaxf(most, score);
      }
    }
    most = max_lanes(most, 4);
    // A row that has seen no key yet keeps weights of 0.
    const float base_of = most == -INFINITY ? 0.0f : most;
    factor[half] = expf(rows.most[half] - base_of);
    rows.most[half] = most;
    float sum = 0;
#pragma unroll
    for (int j = 0; j < kTiles; ++j) {
#pragma unroll
      for (int c = 0; c < 2; ++c) {
        float& score = scores[j][half * 2 + c];
        score = expf(score - base_of);
        sum += score;
      }
    }
    rows.sum[half] = rows.sum[half] * factor[half] + sum;
  }
  return {factor[0], factor[1]};
}

template <class T, int kDim>
__global__ void __launch_bounds__(kThreads)
    prefill_tensor_cores(const __grid_constant__ AttentionArgs args) {
  constexpr int kTiles = kKeys / 8, kDimTiles = kDim / 8, kStage = kKeys * kDim;
  T* keys = shared_array<T, 2 * kStage, 0>();
  T* values = shared_array<T, 2 * kStage, 1>();
  const QueryTile tile = query_tile(args, static_cast<int32_t>(blockIdx.x), kRows);
  if (tile.sequence < 0) return;
  const int kv_head = static_cast<int>(blockIdx.y);
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int warp = static_cast<int>(threadIdx.x) / kWarp;
  const int heads = args.kv_heads * args.group;

  // Rows behind the sequence's last take the last one's place and are not stored.
  Rows rows;
  int64_t head[2];
  bool live[2];
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = tile.first_row + warp * 16 + lane / 4 + half * 8;
    live[half] = row < tile.n_rows;
    const int clamped = min(row, tile.n_rows - 1), token = clamped / args.group;
    rows.position[half] = tile.position + token;
    head[half] = static_cast<int64_t>(tile.token + token) * heads + kv_head * args.group +
                 clamped % args.group;
  }
  uint32_t query[kDim / 16][4];
#pragma unroll
  for (int k = 0; k < kDim / 16; ++k) {
#pragma unroll
    for (int part = 0; part < 4; ++part) {
      const T* source = static_cast<const T*>(args.q) + head[part % 2] * kDim + k * 16 +
                        part / 2 * 8 + lane % 4 * 2;
      query[k][part] = *reinterpret_cast<const uint32_t*>(source);
    }
  }

  const int last_row = min(tile.first_row + kRows, tile.n_rows) - 1;
  const int end = tile.position + last_row / args.group + 1;
  const int oldest = tile.position + tile.first_row / args.group + 1;
  const int first = oldest > args.window ? oldest - args.window : 0;
  const int32_t* table =
      args.paged.table + static_cast<int64_t>(tile.sequence) * args.paged.table_stride;
  const auto begin_stage = [&](int base, int stage) {
    if (base < end) {
      copy_entries<T, kDim>(args, table, args.keys, kv_head, base, end, keys + stage * kStage);
      copy_entries<T, kDim>(args, table, args.values, kv_head, base, end, values + stage * kStage);
    }
    ptx::commit_copies();
  };

  float totals[kDimTiles][4] = {};
  begin_stage(first, 0);
  int stage = 0;
  for (int base = first; base < end; base += kKeys, stage ^= 1) {
    ptx::wait_copies<0>();
    __syncthreads();
    begin_stage(base + kKeys, stage ^ 1);  // into the stage that all have left behind
    const T* k_stage = keys + stage * kStage;
    const T* v_stage = values + stage * kStage;
    float scores[kTiles][4] = {};
#pragma unroll
    for (int k = 0; k < kDim / 16; ++k) {
#pragma unroll
      for (int j = 0; j < kTiles; j += 2) {
        uint32_t b[4];
        const int key = j * 8 + lane / 16 * 8 + lane % 8;
        ptx::load_matrices(b, k_stage + place<kDim>(key, k * 2 + lane / 8 % 2));
        ptx::multiply<T>(scores[j], query[k], b[0], b[1]);
        ptx::multiply<T>(scores[j + 1], query[k], b[2], b[3]);
      }
    }
    const float2 factor = to_weights<kTiles>(args, base, rows, scores);
#pragma unroll
    for (int d = 0; d < kDimTiles; ++d) {
      totals[d][0] *= factor.x;
      totals[d][1] *= factor.x;
      totals[d][2] *= factor.y;
      totals[d][3] *= factor.y;
    }
#pragma unroll
    for (int j = 0; j < kTiles; j += 2) {
      const uint32_t weights[4] = {
          pack<T>(scores[j][0], scores[j][1]), pack<T>(scores[j][2], scores[j][3]),
          pack<T>(scores[j + 1][0], scores[j + 1][1]), pack<T>(scores[j + 1][2], scores[j + 1][3])};
#pragma unroll
      for (int d = 0; d < kDimTiles; d += 2) {
        uint32_t b[4];
        const int key = j * 8 + lane % 16;
        ptx::load_matrices_transposed(b, v_stage + place<kDim>(key, d + lane / 16));
        ptx::multiply<T>(totals[d], weights, b[0], b[1]);
        ptx::multiply<T>(totals[d + 1], weights, b[2], b[3]);
      }
    }
  }
  ptx::wait_copies<0>();

#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const float sum = sum_lanes(rows.sum[half], 4);
    if (!live[half]) continue;
    T* out = static_cast<T*>(args.out) + head[half] * kDim + lane % 4 * 2;
#pragma unroll
    for (int d = 0; d < kDimTiles; ++d)
      *reinterpret_cast<uint32_t*>(out + d * 8) =
          pack<T>(totals[d][half * 2] / sum, totals[d][half * 2 + 1] / sum);
  }
}

template <class T>
void launch_prefill(Launcher& launcher, const AttentionArgs& args, int64_t tokens, int64_t seqs) {
  const Grid grid{
      .x = most_query_tiles(args, tokens, seqs, kRows), .y = args.kv_heads, .threads = kThreads};
  if (args.k_dim == 16) return launch(launcher, grid, prefill_tensor_cores<T, 16>, args);
  if (args.k_dim == 32) return launch(launcher, grid, prefill_tensor_cores<T, 32>, args);
  if (args.k_dim == 64) return launch(launcher, grid, prefill_tensor_cores<T, 64>, args);
  launch(launcher, grid, prefill_tensor_cores<T, 128>, args);
}

}  // namespace

bool fits_prefill_tensor_cores(const AttentionArgs& args) {
  const int32_t dim = args.k_dim;
  return args.dtype != Dtype::f32 && args.dtype == args.state_dtype && dim == args.v_dim &&
         (dim == 16 || dim == 32 || dim == 64 || dim == 128);
}

void attention_prefill_tensor_cores(Launcher& launcher, const AttentionArgs& args, int64_t tokens,
                                    int64_t seqs) {
  if (args.dtype == Dtype::f16) return launch_prefill<f16>(launcher, args, tokens, seqs);
  launch_prefill<bf16>(launcher, args, tokens, seqs);
}

}  // namespace sirocco::cuda
