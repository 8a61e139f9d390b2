// y[t, d] = weight[tokens[t], d]

#include "kernels/launch.hpp"
#include "kernels/numbers.hpp"
#include "kernels/step.hpp"
#include "ops/rows.hpp"

namespace sirocco::cuda {
namespace {

constexpr int kThreads = 256;

__global__ void __launch_bounds__(kThreads) look_up(const __grid_constant__ EmbeddingArgs args) {
  const int64_t row = blockIdx.x;
  if (row >= count_of(args.n_tokens, args.step)) return;
  const int32_t token = args.tokens[row];
  const bool known = token >= 0 && token < args.vocabulary;
  for (int d = static_cast<int>(threadIdx.x); d < args.width; d += kThreads) {
    const int64_t source = static_cast<int64_t>(token) * args.width + d;
    store(args.y, args.y_dtype, row * args.width + d,
          known ? load(args.weight, args.weight_dtype, source) : 0.0f);
  }
}

}  // namespace

void embedding(Launcher& launcher, const EmbeddingArgs& args, int64_t tokens) {
  launch(launcher, {.x = tokens, .threads = kThreads}, look_up, args);
}

}  // namespace sirocco::cuda
