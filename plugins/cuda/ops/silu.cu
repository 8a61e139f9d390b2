// y = x / (1 + exp(-x))

#include "kernels/elementwise.hpp"

namespace sirocco::cuda {
namespace {

struct Silu {
  static __device__ float apply(float x, float) { return silu(x); }
};

}  // namespace

void silu(Launcher& launcher, const ElementwiseArgs& args, int64_t elements) {
  launch_elementwise<Silu>(launcher, args, elements);
}

}  // namespace sirocco::cuda
