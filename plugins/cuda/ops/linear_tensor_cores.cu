// linear for many rows of f16 or bf16 on tensor cores: tiles of x and of the weights travel through
// three stages of shared memory while the products of the stage before are summed in f32.

#include "kernels/launch.hpp"
#include "kernels/projection.hpp"
#include "kernels/ptx.hpp"
#include "kernels/shared.hpp"
#include "kernels/warp.hpp"
#include "ops/linear.hpp"

namespace sirocco::cuda {
namespace {

constexpr int kDepth = 32;  ///< elements of a row in one stage
constexpr int kStages = 3;
constexpr int kChunk = 8;  ///< elements of one copy, 16 bytes
constexpr int kChunks = kDepth / kChunk;

/// Rows and sums of a block and of each of its warps.
template <int kBlockRows, int kBlockSums, int kWarpRows, int kWarpSums>
struct Shape {
  static constexpr int rows = kBlockRows, sums = kBlockSums;
  static constexpr int warp_rows = kWarpRows, warp_sums = kWarpSums;
  static constexpr int row_warps = rows / warp_rows;
  static constexpr int threads = row_warps * (sums / warp_sums) * kWarp;
  static constexpr int row_tiles = warp_rows / 16, sum_tiles = warp_sums / 8;
};
using Small = Shape<64, 64, 32, 32>;
using Large = Shape<128, 128, 64, 32>;

/// Where chunk `chunk` of row `row` lies in a stage: eight rows that are read together lie in
/// different banks.
__device__ int place(int row, int chunk) {
  return row * kDepth + (chunk ^ (row / 2 % kChunks)) * kChunk;
}

/// One thread's share of a tile of rows: the same chunk of every few rows.
template <class T, int kRows, int kThreads>
struct Feed {
  static constexpr int kStep = kThreads / kChunks;
  const T* sources[kRows / kStep];  ///< NULL: zeros

  __device__ void copy(T* stage, int begin, int k) const {
    const int chunk = static_cast<int>(threadIdx.x) % kChunks;
    const int row = static_cast<int>(threadIdx.x) / kChunks;
    const int depth = begin + chunk * kChunk;
#pragma unroll
    for (int i = 0; i < kRows / kStep; ++i) {
      const bool there = sources[i] && depth < k;
      // The address must be one that may be read even where nothing is.
      const T* source = there ? sources[i] + depth : reinterpret_cast<const T*>(nowhere);
      ptx::copy_async(stage + place(row + i * kStep, chunk), source, there);
    }
  }
  const void* nowhere;
};

template <class T, class S>
__global__ void __launch_bounds__(S::threads)
    tensor_tiles(const __grid_constant__ LinearArgs args) {
  T* xs = shared_array<T, kStages * S::rows * kDepth, 0>();
  T* ws = shared_array<T, kStages * S::sums * kDepth, 1>();
  const int64_t rows = count_of(args.rows, args.step);
  const int64_t first_row = static_cast<int64_t>(blockIdx.y) * S::rows;
  if (first_row >= rows) return;
  int tile = static_cast<int>(blockIdx.x);
  const Projection& p = args.projections[projection_of(args, tile, S::sums / 2)];
  const int first_pair = tile * (S::sums / 2);
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int warp = static_cast<int>(threadIdx.x) / kWarp;

  Feed<T, S::rows, S::threads> x_feed;
  Feed<T, S::sums, S::threads> w_feed;
  x_feed.nowhere = args.x;
  w_feed.nowhere = p.weight;
  const int fed = static_cast<int>(threadIdx.x) / kChunks;
#pragma unroll
  for (int i = 0; i < S::rows / x_feed.kStep; ++i) {
    const int64_t row = first_row + fed + i * x_feed.kStep;
    x_feed.sources[i] = row < rows ? static_cast<const T*>(args.x) + row * args.k : nullptr;
  }
#pragma unroll
  for (int i = 0; i < S::sums / w_feed.kStep; ++i) {
    const int sum = fed + i * w_feed.kStep, pair = first_pair + sum / 2;
    w_feed.sources[i] = nullptr;
    if (pair >= p.pairs) continue;
    const WeightRows weights = weight_rows<T>(p, pair, args.k);
    w_feed.sources[i] = static_cast<const T*>(sum % 2 ? weights.second : weights.first);
  }

  const int stages = (args.k + kDepth - 1) / kDepth;
  const auto begin_stage = [&](int stage) {
    if (stage < stages) {
      x_feed.copy(xs + stage % kStages * S::rows * kDepth, stage * kDepth, args.k);
      w_feed.copy(ws + stage % kStages * S::sums * kDepth, stage * kDepth, args.k);
    }
    ptx::commit_copies();
  };
  for (int stage = 0; stage + 1 < kStages; ++stage) begin_stage(stage);

  const int warp_row = warp % S::row_warps * S::warp_rows;
  const int warp_sum = warp / S::row_warps * S::warp_sums;
  float sums[S::row_tiles][S::sum_tiles][4] = {};
  for (int stage = 0; stage < stages; ++stage) {
    ptx::wait_copies<kStages - 2>();
    __syncthreads();
    begin_stage(stage + kStages - 1);  // into the stage that all have left behind
    const T* x = xs + stage % kStages * S::rows * kDepth;
    const T* w = ws + stage % kStages * S::sums * kDepth;
#pragma unroll
    for (int k = 0; k < kChunks; k += 2) {
      uint32_t a[S::row_tiles][4];
#pragma unroll
      for (int i = 0; i < S::row_tiles; ++i)
        ptx::load_matrices(a[i], x + place(warp_row + i * 16 + lane % 16, k + lane / 16));
#pragma unroll
      for (int j = 0; j < S::sum_tiles; j += 2) {
        uint32_t b[4];
        const int sum = warp_sum + j * 8 + lane / 16 * 8 + lane % 8;
        ptx::load_matrices(b, w + place(sum, k + lane / 8 % 2));
#pragma unroll
        for (int i = 0; i < S::row_tiles; ++i) {
          ptx::multiply<T>(sums[i][j], a[i], b[0], b[1]);
          ptx::multiply<T>(sums[i][j + 1], a[i], b[2], b[3]);
        }
      }
    }
  }
  ptx::wait_copies<0>();

  // A thread holds two neighbouring sums of rows lane / 4 and lane / 4 + 8: pairs.
#pragma unroll
  for (int i = 0; i < S::row_tiles; ++i) {
#pragma unroll
    for (int j = 0; j < S::sum_tiles; ++j) {
      const int pair = first_pair + (warp_sum + j * 8) / 2 + lane % 4;
      if (pair >= p.pairs) continue;
      const int64_t row = first_row + warp_row + i * 16 + lane / 4;
      if (row < rows) finish_pair(p, pair, row, sums[i][j][0], sums[i][j][1]);
      if (row + 8 < rows) finish_pair(p, pair, row + 8, sums[i][j][2], sums[i][j][3]);
    }
  }
}

template <class T, class S>
void launch_shape(Launcher& launcher, const LinearArgs& args, int64_t rows) {
  const Grid grid{
      .x = tiles_of(args, S::sums / 2), .y = ceil_div(rows, S::rows), .threads = S::threads};
  launch(launcher, grid, tensor_tiles<T, S>, args);
}

template <class T>
void launch_tensor(Launcher& launcher, const LinearArgs& args, int64_t rows) {
  if (rows > Small::rows) return launch_shape<T, Large>(launcher, args, rows);
  launch_shape<T, Small>(launcher, args, rows);
}

}  // namespace

bool fits_tensor_cores(const LinearArgs& args, Dtype weight) {
  return weight != Dtype::f32 && args.x_dtype == weight && !args.norm && args.k % kChunk == 0;
}

void linear_tensor_cores(Launcher& launcher, const LinearArgs& args, Dtype weight, int64_t rows) {
  if (rows <= 0) return;
  if (weight == Dtype::f16) return launch_tensor<f16>(launcher, args, rows);
  launch_tensor<bf16>(launcher, args, rows);
}

}  // namespace sirocco::cuda
