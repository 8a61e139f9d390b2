// y[.., d] = x[.., d] / sqrt(mean_j x[.., j]^2 + eps) * weight[d]

#include "kernels/block.hpp"
#include "kernels/launch.hpp"
#include "kernels/numbers.hpp"
#include "kernels/step.hpp"
#include "ops/rows.hpp"

namespace sirocco::cuda {
namespace {

constexpr int kThreads = 256;

__global__ void __launch_bounds__(kThreads) norm_row(const __grid_constant__ NormArgs args) {
  const int64_t row = blockIdx.x;
  if (row >= count_of(args.rows, args.step)) return;
  const int64_t begin = row * args.width;
  float squares = 0;
  for (int d = static_cast<int>(threadIdx.x); d < args.width; d += kThreads) {
    const float x = load(args.x, args.x_dtype, begin + d);
    squares += x * x;
  }
  const float sum = sum_block<kThreads, 0>(squares);
  const float factor = 1.0f / sqrtf(sum / static_cast<float>(args.width) + args.eps);
  for (int d = static_cast<int>(threadIdx.x); d < args.width; d += kThreads) {
    const float x = load(args.x, args.x_dtype, begin + d);
    const float weight = load(args.weight, args.weight_dtype, d);
    store(args.y, args.y_dtype, begin + d, x * factor * weight);
  }
}

}  // namespace

void rms_norm(Launcher& launcher, const NormArgs& args, int64_t rows) {
  launch(launcher, {.x = rows, .threads = kThreads}, norm_row, args);
}

}  // namespace sirocco::cuda
