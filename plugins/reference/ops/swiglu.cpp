// y = gate / (1 + exp(-gate)) * up, rounded once.

#include <cmath>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

void accepts(const NodeView& node) {
  accepts_broadcast(node);
  require_shape(node.input(0).same_shape(node.input(1)), "gate and up must have one shape");
}

void run(const KernelCall& call) {
  map_broadcast(call, [](double gate, double up) { return gate / (1 + std::exp(-gate)) * up; });
}

}  // namespace

sdk::Kernel swiglu() {
  return {.op = "swiglu", .accepts = accepts, .run = run};
}

}  // namespace sirocco::reference
