// y = x in another float dtype.

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

void accepts(const NodeView& node) {
  sdk::require_floats(node, 1, 1);
  require_shape(node.output(0).same_shape(node.input(0)), "the output must have the input's shape");
}

void run(const KernelCall& call) {
  map_elements(call, [](double x) { return x; });
}

}  // namespace

sdk::Kernel cast() {
  return {.op = "cast", .accepts = accepts, .run = run};
}

}  // namespace sirocco::reference
