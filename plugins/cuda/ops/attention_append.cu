// New keys and values, rounded to the state's dtype, to the slots that the step names.

#include "kernels/launch.hpp"
#include "kernels/numbers.hpp"
#include "kernels/paged.hpp"
#include "ops/attention.hpp"

namespace sirocco::cuda {
namespace {

constexpr int kThreads = 128;

__device__ void append(const AttentionArgs& args, const void* source, void* plane, int64_t token,
                       int64_t slot, int32_t width) {
  for (int d = static_cast<int>(threadIdx.x); d < width; d += kThreads)
    store(plane, args.state_dtype, slot * width + d, load(source, args.dtype, token * width + d));
}

__global__ void __launch_bounds__(kThreads)
    append_rows(const __grid_constant__ AttentionArgs args) {
  const int64_t token = blockIdx.x;
  if (token >= args.paged.step[SIROCCO_STEP_N_TOKENS]) return;
  const int64_t slot = args.paged.slots[token];
  if (slot < 0) return;
  append(args, args.new_keys, args.keys, token, slot, args.kv_heads * args.k_dim);
  append(args, args.new_values, args.values, token, slot, args.kv_heads * args.v_dim);
}

}  // namespace

void append_state(Launcher& launcher, const AttentionArgs& args, int64_t tokens) {
  launch(launcher, {.x = tokens, .threads = kThreads}, append_rows, args);
}

}  // namespace sirocco::cuda
