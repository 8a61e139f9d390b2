// What comes behind a product whose sums another library left in memory: a thread a pair of sums,
// as in the kernels that make sums themselves.

#include "kernels/launch.hpp"
#include "kernels/projection.hpp"
#include "ops/linear.hpp"

namespace sirocco::cuda {
namespace {

constexpr int kThreads = 256;

__global__ void __launch_bounds__(kThreads) finish_sums(const __grid_constant__ FinishArgs args) {
  const int64_t row = blockIdx.x;
  if (row >= count_of(args.rows, args.step)) return;
  const Projection& p = args.projection;
  const auto pair = static_cast<int32_t>(blockIdx.y * kThreads + threadIdx.x);
  if (pair >= p.pairs) return;
  const Pair columns = pair_of(p, pair);
  const int64_t begin = row * p.n;
  const float first = load(args.sums, args.dtype, begin + columns.first);
  float second = 0;
  if (p.up) {
    second = load(args.up_sums, args.dtype, begin + columns.second);
  } else if (columns.second < p.n) {
    second = load(args.sums, args.dtype, begin + columns.second);
  }
  finish_pair(p, pair, row, first, second);
}

}  // namespace

void linear_finish(Launcher& launcher, const FinishArgs& args, int64_t rows) {
  const Grid grid{.x = rows, .y = ceil_div(args.projection.pairs, kThreads), .threads = kThreads};
  launch(launcher, grid, finish_sums, args);
}

}  // namespace sirocco::cuda
