// y = gate / (1 + exp(-gate)) * up, rounded once.

#include <cmath>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

void run(const KernelCall& call) {
  map_broadcast(call, [](double gate, double up) { return gate / (1 + std::exp(-gate)) * up; });
}

}  // namespace

sdk::Kernel swiglu() {
  return {.op = "swiglu", .accepts = sdk::ops::check_swiglu, .run = run};
}

}  // namespace sirocco::reference
