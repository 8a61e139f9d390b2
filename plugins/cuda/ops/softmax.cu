// y[.., i] = exp(x[.., i] - m) / sum_j exp(x[.., j] - m), m = max_j x[.., j]

#include <cmath>

#include "kernels/block.hpp"
#include "kernels/launch.hpp"
#include "kernels/numbers.hpp"
#include "kernels/step.hpp"
#include "ops/rows.hpp"

namespace sirocco::cuda {
namespace {

constexpr int kThreads = 256;

__global__ void __launch_bounds__(kThreads) softmax_row(const __grid_constant__ SoftmaxArgs args) {
  const int64_t row = blockIdx.x;
  if (row >= count_of(args.rows, args.step)) return;
  const int64_t begin = row * args.width;
  float most = -INFINITY;
  for (int d = static_cast<int>(threadIdx.x); d < args.width; d += kThreads)
    most = fmaxf(most, load(args.x, args.x_dtype, begin + d));
  most = max_block<kThreads, 0>(most);
  float sum = 0;
  for (int d = static_cast<int>(threadIdx.x); d < args.width; d += kThreads)
    sum += expf(load(args.x, args.x_dtype, begin + d) - most);
  sum = sum_block<kThreads, 1>(sum);
  for (int d = static_cast<int>(threadIdx.x); d < args.width; d += kThreads)
    store(args.y, args.y_dtype, begin + d,
          expf(load(args.x, args.x_dtype, begin + d) - most) / sum);
}

}  // namespace

void softmax(Launcher& launcher, const SoftmaxArgs& args, int64_t rows) {
  launch(launcher, {.x = rows, .threads = kThreads}, softmax_row, args);
}

}  // namespace sirocco::cuda
