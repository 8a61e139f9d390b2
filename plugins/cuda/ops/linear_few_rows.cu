// linear for one to eight rows: a warp for each pair of sums, which reads two rows of weights with
// loads of 16 bytes, four of each in flight. The block shares the input as f32 in shared memory.

#include "kernels/launch.hpp"
#include "kernels/projection.hpp"
#include "kernels/shared.hpp"
#include "kernels/warp.hpp"
#include "ops/linear.hpp"

namespace sirocco::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / kWarp;
/// Floats of the input that are held at a time, over all rows.
constexpr int kHeld = 8192;
/// Loads of one row of weights that are in flight.
constexpr int kUnroll = 4;

/// Where element `k` of a row lies among those held: the 16 bytes of f32 that neighbouring lanes
/// read at the same time are neighbours, so that no two lanes meet in a bank.
template <class W>
__device__ int place(int k) {
  if constexpr (kVector<W> == 4) return k;
  const int block = k / (kWarp * 8), lane = k / 8 % kWarp, quarter = k / 4 % 2;
  return block * kWarp * 8 + quarter * kWarp * 4 + lane * 4 + k % 4;
}

/// Elements [begin, begin + count) of every row, times the norm's weight, to `held`; rows that are
/// not there are 0. Adds the squares of this thread's elements to `squares`.
template <class W, int kRows>
__device__ void hold(const LinearArgs& args, int rows, int begin, int count, float* held,
                     float (&squares)[kRows]) {
  constexpr int kChunk = kHeld / kRows;
  for (int k = static_cast<int>(threadIdx.x); k < count; k += kThreads) {
    const float weight = args.norm ? load(args.norm, args.norm_dtype, begin + k) : 1.0f;
#pragma unroll
    for (int row = 0; row < kRows; ++row) {
      float x = 0;
      if (row < rows)
        x = load(args.x, args.x_dtype, static_cast<int64_t>(row) * args.k + begin + k);
      squares[row] += x * x;
      held[row * kChunk + place<W>(k)] = x * weight;
    }
  }
}

/// What norms each row, from the squares of all threads: 1 / sqrt(mean + eps), or 1 without a norm.
/// It is a factor of every sum of the row, so that the input need not be read before the weights.
template <int kRows>
__device__ void find_factors(const LinearArgs& args, const float (&squares)[kRows],
                             float (&factors)[kRows]) {
  float* sums = shared_array<float, kRows * kWarps, 1>();
  const int warp = static_cast<int>(threadIdx.x) / kWarp;
  if (!args.norm) {
#pragma unroll
    for (int row = 0; row < kRows; ++row) factors[row] = 1;
    return;
  }
#pragma unroll
  for (int row = 0; row < kRows; ++row) {
    const float sum = sum_lanes(squares[row]);
    if (threadIdx.x % kWarp == 0) sums[row * kWarps + warp] = sum;
  }
  __syncthreads();
#pragma unroll
  for (int row = 0; row < kRows; ++row) {
    float sum = 0;
    for (int w = 0; w < kWarps; ++w) sum += sums[row * kWarps + w];
    factors[row] = 1.0f / sqrtf(sum / static_cast<float>(args.k) + args.eps);
  }
}

/// Adds the products of one vector of weights of both rows to the sums.
template <class W, int kRows>
__device__ void multiply(const uint4& first, const uint4& second, const float* held, int k,
                         float (&a)[kRows], float (&b)[kRows]) {
  constexpr int kChunk = kHeld / kRows;
  float w[kVector<W>], v[kVector<W>];
  unpack<W>(first, w);
  unpack<W>(second, v);
#pragma unroll
  for (int row = 0; row < kRows; ++row) {
#pragma unroll
    for (int part = 0; part < kVector<W>; part += 4) {
      const float4 x = *reinterpret_cast<const float4*>(held + row * kChunk + place<W>(k + part));
      a[row] += w[part] * x.x + w[part + 1] * x.y + w[part + 2] * x.z + w[part + 3] * x.w;
      b[row] += v[part] * x.x + v[part + 1] * x.y + v[part + 2] * x.z + v[part + 3] * x.w;
    }
  }
}

/// The sums of one pair over the elements that are held.
template <class W, int kRows>
__device__ void accumulate(const W* first, const W* second, const float* held, int count,
                           float (&a)[kRows], float (&b)[kRows]) {
  constexpr int kStride = kWarp * kVector<W>;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  for (int k = lane * kVector<W>; k < count; k += kStride * kUnroll) {
    uint4 w[kUnroll], v[kUnroll];
#pragma unroll
    for (int u = 0; u < kUnroll; ++u) {
      w[u] = v[u] = uint4{0, 0, 0, 0};
      if (k + u * kStride >= count) continue;
      w[u] = load_once(first + k + u * kStride);
      if (second) v[u] = load_once(second + k + u * kStride);
    }
#pragma unroll
    for (int u = 0; u < kUnroll; ++u)
      if (k + u * kStride < count) multiply<W, kRows>(w[u], v[u], held, k + u * kStride, a, b);
  }
}

template <class W, int kRows>
__global__ void __launch_bounds__(kThreads, 2) few_rows(const __grid_constant__ LinearArgs args) {
  constexpr int kChunk = kHeld / kRows;
  float* held = shared_array<float, kHeld, 0>();
  const int rows = static_cast<int>(min(count_of(args.rows, args.step), int64_t{kRows}));
  int tile = static_cast<int>(blockIdx.x);
  const Projection& p = args.projections[projection_of(args, tile, kWarps)];
  const int pair = tile * kWarps + static_cast<int>(threadIdx.x) / kWarp;
  const bool live = pair < p.pairs;
  const WeightRows weights = live ? weight_rows<W>(p, pair, args.k) : WeightRows{};
  float a[kRows] = {}, b[kRows] = {}, squares[kRows] = {}, factors[kRows];
  for (int begin = 0; begin < args.k; begin += kChunk) {
    const int count = min(kChunk, args.k - begin);
    __syncthreads();
    hold<W, kRows>(args, rows, begin, count, held, squares);
    __syncthreads();
    if (!live) continue;
    const W* second = static_cast<const W*>(weights.second);
    accumulate<W, kRows>(static_cast<const W*>(weights.first) + begin,
                         second ? second + begin : nullptr, held, count, a, b);
  }
  find_factors<kRows>(args, squares, factors);
  if (!live) return;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
#pragma unroll
  for (int row = 0; row < kRows; ++row) {
    const float first = sum_lanes(a[row]), second = sum_lanes(b[row]);
    if (lane == row && row < rows)
      finish_pair(p, pair, row, first * factors[row], second * factors[row]);
  }
}

template <class W>
void launch_few_rows(Launcher& launcher, const LinearArgs& args, int64_t rows) {
  const Grid grid{.x = tiles_of(args, kWarps), .threads = kThreads};
  if (rows <= 1) return launch(launcher, grid, few_rows<W, 1>, args);
  if (rows <= 2) return launch(launcher, grid, few_rows<W, 2>, args);
  if (rows <= 4) return launch(launcher, grid, few_rows<W, 4>, args);
  launch(launcher, grid, few_rows<W, 8>, args);
}

}  // namespace

bool fits_few_rows(const LinearArgs& args, Dtype weight) {
  return args.k % (16 / dtype_size(weight)) == 0;
}

void linear_few_rows(Launcher& launcher, const LinearArgs& args, Dtype weight, int64_t rows) {
  if (weight == Dtype::f32) return launch_few_rows<float>(launcher, args, rows);
  if (weight == Dtype::f16) return launch_few_rows<f16>(launcher, args, rows);
  launch_few_rows<bf16>(launcher, args, rows);
}

}  // namespace sirocco::cuda
