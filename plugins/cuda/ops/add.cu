// y = a + b

#include "kernels/elementwise.hpp"

namespace sirocco::cuda {
namespace {

struct Sum {
  static __device__ float apply(float a, float b) { return a + b; }
};

}  // namespace

void add(Launcher& launcher, const ElementwiseArgs& args, int64_t elements) {
  launch_elementwise<Sum>(launcher, args, elements);
}

}  // namespace sirocco::cuda
