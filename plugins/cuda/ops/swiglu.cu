// y = gate / (1 + exp(-gate)) * up, rounded once.

#include "kernels/elementwise.hpp"

namespace sirocco::cuda {
namespace {

struct Swiglu {
  static __device__ float apply(float gate, float up) { return silu(gate) * up; }
};

}  // namespace

void swiglu(Launcher& launcher, const ElementwiseArgs& args, int64_t elements) {
  launch_elementwise<Swiglu>(launcher, args, elements);
}

}  // namespace sirocco::cuda
