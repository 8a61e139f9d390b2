// y = x, in the output's dtype

#include "kernels/elementwise.hpp"

namespace sirocco::cuda {
namespace {

struct Same {
  static __device__ float apply(float x, float) { return x; }
};

}  // namespace

void cast(Launcher& launcher, const ElementwiseArgs& args, int64_t elements) {
  launch_elementwise<Same>(launcher, args, elements);
}

}  // namespace sirocco::cuda
