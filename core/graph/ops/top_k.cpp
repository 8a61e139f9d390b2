#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

std::vector<TensorType> infer(const InferContext& context) {
  require_float_at_least(context, 0, 1);
  TensorType values = *context.input(0);
  const int64_t extent = constant_extent(context, 0, values.rank() - 1);
  const int64_t k = context.attr_int("k");
  context.require(k > 0 && k <= extent,
                  "k " + std::to_string(k) + " lies outside [1, " + std::to_string(extent) + "]");
  context.require(extent <= INT32_MAX, "indices of the last dimension do not fit i32");
  values.shape.back() = Dim::constant(k);
  TensorType indices = values;
  indices.dtype = SIROCCO_DTYPE_I32;
  return {values, indices};
}

Cost cost(const CostContext& context) {
  return {.flops = elements_of(context, context.node.inputs[0]), .bytes = value_bytes(context)};
}

}  // namespace

OpDef top_k() {
  return {
      .name = "top_k",
      .doc = "The largest elements of every row and where they are.",
      .formula =
          "values[.., i] = x[.., indices[.., i]], the k largest of x [.., N] in descending "
          "order; of equal ones the lower index first\n"
          "Bits are copied; compared exactly. A NaN counts as the smallest.",
      .inputs = {{.name = "x", .doc = "[.., N] float"}},
      .outputs = {"values", "indices"},
      .attrs = {{.name = "k", .type = SIROCCO_ATTR_INT, .doc = "how many, at most N"}},
      .infer = infer,
      .cost = cost,
  };
}

}  // namespace sirocco::ops
