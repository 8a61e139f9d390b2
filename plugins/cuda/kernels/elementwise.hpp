#pragma once
// The kernel of the ops that make each element from one element of each input: a function of two
// floats, whatever the dtypes.

#include "kernels/launch.hpp"
#include "kernels/numbers.hpp"
#include "kernels/step.hpp"
#include "ops/elementwise.hpp"

namespace sirocco::cuda {

inline constexpr int kElementThreads = 256;
/// Elements of one thread, neighbours in a warp's accesses.
inline constexpr int kElementsPerThread = 4;

template <class Function>
__global__ void __launch_bounds__(kElementThreads)
    elementwise(const __grid_constant__ ElementwiseArgs args) {
  const int64_t n = count_of(args.elements, args.step);
  const int64_t n_b = args.b ? count_of(args.b_elements, args.step) : 1;
  int64_t i = static_cast<int64_t>(blockIdx.x) * kElementThreads * kElementsPerThread +
              static_cast<int64_t>(threadIdx.x);
  for (int part = 0; part < kElementsPerThread && i < n; ++part, i += kElementThreads) {
    const float a = load(args.a, args.a_dtype, i);
    const float b = args.b ? load(args.b, args.b_dtype, n_b == n ? i : i % n_b) : 0.0f;
    store(args.y, args.y_dtype, i, Function::apply(a, b));
  }
}

template <class Function>
void launch_elementwise(Launcher& launcher, const ElementwiseArgs& args, int64_t elements) {
  const int64_t blocks = ceil_div(elements, kElementThreads * kElementsPerThread);
  launch(launcher, {.x = blocks, .threads = kElementThreads}, elementwise<Function>, args);
}

}  // namespace sirocco::cuda
