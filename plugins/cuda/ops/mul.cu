// y = a * b

#include "kernels/elementwise.hpp"

namespace sirocco::cuda {
namespace {

struct Product {
  static __device__ float apply(float a, float b) { return a * b; }
};

}  // namespace

void mul(Launcher& launcher, const ElementwiseArgs& args, int64_t elements) {
  launch_elementwise<Product>(launcher, args, elements);
}

}  // namespace sirocco::cuda
