// Rotates pairs of elements of every head by the angles of the row's position.

#include "kernels/launch.hpp"
#include "kernels/projection.hpp"
#include "ops/rows.hpp"

namespace sirocco::cuda {
namespace {

constexpr int kThreads = 128;

__global__ void __launch_bounds__(kThreads) rope_row(const __grid_constant__ RopeArgs args) {
  const int64_t row = blockIdx.x;
  if (row >= count_of(args.rows, args.step)) return;
  Projection p;  // a product's output that is rotated, without the product
  p.out = args.y;
  p.out_dtype = args.y_dtype;
  p.rotation = args.rotation;
  p.n = args.width;
  for (int pair = static_cast<int>(threadIdx.x); pair < args.width / 2; pair += kThreads) {
    const Pair columns = pair_of(p, pair);
    finish_pair(p, pair, row, load(args.x, args.x_dtype, row * args.width + columns.first),
                load(args.x, args.x_dtype, row * args.width + columns.second));
  }
}

}  // namespace

void rope(Launcher& launcher, const RopeArgs& args, int64_t rows) {
  launch(launcher, {.x = rows, .threads = kThreads}, rope_row, args);
}

}  // namespace sirocco::cuda
