// y = x in another float dtype.

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

void run(const KernelCall& call) {
  map_elements(call, [](double x) { return x; });
}

}  // namespace

sdk::Kernel cast() {
  return {.op = "cast", .accepts = sdk::ops::check_cast, .run = run};
}

}  // namespace sirocco::reference
