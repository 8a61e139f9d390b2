// y[.., i] = a[.., i] * b[i], b repeated over a's leading dimensions.

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

void run(const KernelCall& call) {
  map_broadcast(call, [](double a, double b) { return a * b; });
}

}  // namespace

sdk::Kernel mul() {
  return {.op = "mul", .accepts = sdk::ops::check_broadcast, .run = run};
}

}  // namespace sirocco::reference
