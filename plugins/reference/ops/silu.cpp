// y = x / (1 + exp(-x))

#include <cmath>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

void run(const KernelCall& call) {
  map_elements(call, [](double x) { return x / (1 + std::exp(-x)); });
}

}  // namespace

sdk::Kernel silu() {
  return {.op = "silu", .accepts = sdk::ops::check_unary, .run = run};
}

}  // namespace sirocco::reference
