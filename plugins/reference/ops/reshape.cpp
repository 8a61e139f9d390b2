// The same elements in the same order under another shape.

#include <cstring>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

/// Elements of a row: all dimensions but the first, which must be constants.
int64_t row_elements(const ValueView& value) {
  require_shape(value.rank() >= 1, "a first dimension was expected");
  int64_t elements = 1;
  for (int axis = 1; axis < static_cast<int>(value.rank()); ++axis) {
    require_shape(is_constant(value.dim(axis)), "only the first dimension may vary");
    elements = sdk::checked_product(elements, value.dim(axis).base);
  }
  return elements;
}

void accepts(const NodeView& node) {
  require(node.n_inputs() == 1 && node.n_outputs() == 1, SIROCCO_REASON_SHAPE,
          "one input and one output were expected");
  const ValueView x = node.input(0), y = node.output(0);
  require(y.dtype() == x.dtype() && sdk::dtype_bytes(x.dtype()) > 0, SIROCCO_REASON_DTYPE,
          "the output must have the input's dtype");
  require_shape(row_elements(x) == row_elements(y) && sdk::same_dim(x.dim(0), y.dim(0)),
                "rows of input and output must have as many elements");
}

void run(const KernelCall& call) {
  std::memcpy(call.output(0).data, call.input(0).data, static_cast<size_t>(call.input(0).bytes));
}

}  // namespace

sdk::Kernel reshape() {
  return {.op = "reshape", .accepts = accepts, .run = run};
}

}  // namespace sirocco::reference
