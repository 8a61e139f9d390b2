// linear for many rows of any dtypes: tiles of 64 rows by 64 sums, as f32 in shared memory.
// Products of f32 are f32, never shortened to TF32.

#include "kernels/launch.hpp"
#include "kernels/projection.hpp"
#include "kernels/shared.hpp"
#include "ops/linear.hpp"

namespace sirocco::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kRows = 64;
constexpr int kSums = 64;
constexpr int kPairs = kSums / 2;
constexpr int kDepth = 16;
/// Rows and sums of one thread.
constexpr int kOwn = 4;
/// Stored by depth; the padding keeps the writes of a column apart in the banks.
constexpr int kStride = kRows + 4;

/// Row `row` of the tile of x from element `depth` on, kOwn elements of it.
template <class X>
__device__ void fetch_x(const LinearArgs& args, int64_t row, int64_t rows, int depth,
                        float (&values)[kOwn]) {
  const X* x = static_cast<const X*>(args.x) + row * args.k;
  for (int i = 0; i < kOwn; ++i)
    values[i] = row < rows && depth + i < args.k ? to_float(x[depth + i]) : 0.0f;
}

template <class W>
__device__ void fetch_weight(const W* weight, int k, int depth, float (&values)[kOwn]) {
  for (int i = 0; i < kOwn; ++i)
    values[i] = weight && depth + i < k ? to_float(weight[depth + i]) : 0.0f;
}

__device__ void keep(float* tile, int at, int depth, const float (&values)[kOwn]) {
  for (int i = 0; i < kOwn; ++i) tile[(depth + i) * kStride + at] = values[i];
}

/// The row of weights that makes sum `sum` of a tile that begins at pair `first`; NULL where the
/// output has none.
template <class W>
__device__ const W* weight_of(const Projection& p, int first, int sum, int k) {
  const int pair = first + sum / 2;
  if (pair >= p.pairs) return nullptr;
  const WeightRows rows = weight_rows<W>(p, pair, k);
  return static_cast<const W*>(sum % 2 ? rows.second : rows.first);
}

template <class X, class W>
__global__ void __launch_bounds__(kThreads) tiles(const __grid_constant__ LinearArgs args) {
  float* xs = shared_array<float, kDepth * kStride, 0>();
  float* ws = shared_array<float, kDepth * kStride, 1>();
  const int64_t rows = count_of(args.rows, args.step);
  const int64_t first_row = static_cast<int64_t>(blockIdx.y) * kRows;
  if (first_row >= rows) return;
  int tile = static_cast<int>(blockIdx.x);
  const Projection& p = args.projections[projection_of(args, tile, kPairs)];
  const int first_pair = tile * kPairs, thread = static_cast<int>(threadIdx.x);
  // To fetch, a thread takes kOwn elements of one row of each tile.
  const int fetched = thread / (kDepth / kOwn), depth = thread % (kDepth / kOwn) * kOwn;
  const W* weight = weight_of<W>(p, first_pair, fetched, args.k);
  // To multiply, kOwn rows by kOwn sums.
  const int row = thread / (kSums / kOwn) * kOwn, sum = thread % (kSums / kOwn) * kOwn;
  float sums[kOwn][kOwn] = {};
  for (int k = 0; k < args.k; k += kDepth) {
    float x[kOwn], w[kOwn];
    fetch_x<X>(args, first_row + fetched, rows, k + depth, x);
    fetch_weight<W>(weight, args.k, k + depth, w);
    __syncthreads();
    keep(xs, fetched, depth, x);
    keep(ws, fetched, depth, w);
    __syncthreads();
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      const float4 a = *reinterpret_cast<const float4*>(xs + d * kStride + row);
      const float4 b = *reinterpret_cast<const float4*>(ws + d * kStride + sum);
      const float av[kOwn] = {a.x, a.y, a.z, a.w}, bv[kOwn] = {b.x, b.y, b.z, b.w};
#pragma unroll
      for (int i = 0; i < kOwn; ++i)
#pragma unroll
        for (int j = 0; j < kOwn; ++j) sums[i][j] += av[i] * bv[j];
    }
  }
#pragma unroll
  for (int i = 0; i < kOwn; ++i) {
    if (first_row + row + i >= rows) break;
#pragma unroll
    for (int j = 0; j < kOwn; j += 2) {
      const int pair = first_pair + (sum + j) / 2;
      if (pair < p.pairs) finish_pair(p, pair, first_row + row + i, sums[i][j], sums[i][j + 1]);
    }
  }
}

template <class X>
void launch_tiles(Launcher& launcher, const LinearArgs& args, Dtype weight, int64_t rows) {
  const Grid grid{.x = tiles_of(args, kPairs), .y = ceil_div(rows, kRows), .threads = kThreads};
  if (weight == Dtype::f32) return launch(launcher, grid, tiles<X, float>, args);
  if (weight == Dtype::f16) return launch(launcher, grid, tiles<X, f16>, args);
  launch(launcher, grid, tiles<X, bf16>, args);
}

}  // namespace

void linear_tiles(Launcher& launcher, const LinearArgs& args, Dtype weight, int64_t rows) {
  if (rows <= 0) return;
  if (args.x_dtype == Dtype::f32) return launch_tiles<float>(launcher, args, weight, rows);
  if (args.x_dtype == Dtype::f16) return launch_tiles<f16>(launcher, args, weight, rows);
  launch_tiles<bf16>(launcher, args, weight, rows);
}

}  // namespace sirocco::cuda
