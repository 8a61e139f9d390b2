#pragma once
// What becomes of the sums of a product: bias, rotation, gate, residual, and where they are stored.
//
// All kernels of `linear` work on pairs of sums, because a rotation and a gate take two: a pair is
// two neighbours of an output row, or the two elements that a rotation turns, or a gate and its up.
// Which rows of the weight these are is chosen when the weight is read, so that a pair always comes
// out in one thread.

#include <cstdint>

#include <cuda_runtime.h>

#include "kernels/numbers.hpp"
#include "kernels/step.hpp"
#include "ops/linear.hpp"

namespace sirocco::cuda {

/// Two columns of the output.
struct Pair {
  int32_t first;
  int32_t second;
};

__device__ inline Pair pair_of(const Projection& p, int32_t pair) {
  if (p.up) return {pair, pair};
  if (!p.rotation.table || p.rotation.interleaved) return {2 * pair, 2 * pair + 1};
  const int32_t half = p.rotation.rotary_dim / 2, in_head = pair % (p.rotation.head_dim / 2);
  const int32_t head = pair / (p.rotation.head_dim / 2) * p.rotation.head_dim;
  if (in_head < half) return {head + in_head, head + in_head + half};
  return {head + 2 * in_head, head + 2 * in_head + 1};
}

/// The weights of a pair's two sums; `second` NULL where the output ends before it.
struct WeightRows {
  const void* first;
  const void* second;
};

template <class W>
__device__ inline WeightRows weight_rows(const Projection& p, int32_t pair, int32_t k) {
  const Pair columns = pair_of(p, pair);
  const W* first = static_cast<const W*>(p.weight) + static_cast<int64_t>(columns.first) * k;
  if (p.up) return {first, static_cast<const W*>(p.up) + static_cast<int64_t>(pair) * k};
  if (columns.second >= p.n) return {first, nullptr};
  return {first, static_cast<const W*>(p.weight) + static_cast<int64_t>(columns.second) * k};
}

__device__ inline void rotate(const Rotation& r, int32_t pair, int64_t row, float& a, float& b) {
  const int32_t half = r.rotary_dim / 2, in_head = pair % (r.head_dim / 2);
  if (in_head >= half) return;
  const int32_t position = min(max(r.positions[row], 0), r.n_positions - 1);
  const float2 angle = r.table[static_cast<int64_t>(position) * half + in_head];
  const float x = a, y = b;
  a = x * angle.x - y * angle.y;
  b = y * angle.x + x * angle.y;
}

/// One sum of a row to its column.
__device__ inline void store_sum(const Projection& p, int64_t row, int32_t column, float value) {
  if (p.residual) value += load(p.residual, p.out_dtype, row * p.n + column);
  int64_t target = row;
  if (p.slots) target = p.slots[row];
  if (target >= 0) store(p.out, p.out_dtype, target * p.n + column, value);
}

/// The two sums of `row` become what the projection makes of them.
__device__ inline void finish_pair(const Projection& p, int32_t pair, int64_t row, float a,
                                   float b) {
  if (p.up) return store_sum(p, row, pair, silu(a) * b);
  const Pair columns = pair_of(p, pair);
  const bool both = columns.second < p.n;
  if (p.bias) {
    a += load(p.bias, p.bias_dtype, columns.first);
    if (both) b += load(p.bias, p.bias_dtype, columns.second);
  }
  if (p.rotation.table) rotate(p.rotation, pair, row, a, b);
  store_sum(p, row, columns.first, a);
  if (both) store_sum(p, row, columns.second, b);
}

/// Which projection of a launch a tile of pairs belongs to, where each begins at a tile of its own.
/// `tile` becomes the tile within it.
__device__ inline int projection_of(const LinearArgs& args, int& tile, int pairs_per_tile) {
  int p = 0;
  for (; p + 1 < args.n_projections; ++p) {
    const int tiles = (args.projections[p].pairs + pairs_per_tile - 1) / pairs_per_tile;
    if (tile < tiles) break;
    tile -= tiles;
  }
  return p;
}

}  // namespace sirocco::cuda
