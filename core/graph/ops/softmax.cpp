#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

std::vector<TensorType> infer(const InferContext& context) {
  require_float_at_least(context, 0, 1);
  context.require(axis_of(context, 0) + 1 == context.input(0)->rank(),
                  "axis must be the last dimension");
  constant_extent(context, 0, context.input(0)->rank() - 1);
  return {*context.input(0)};
}

}  // namespace

OpDef softmax() {
  return {
      .name = "softmax",
      .doc = "Exponentials along the last dimension, scaled to sum to one.",
      .formula =
          "y[.., i] = exp(x[.., i] - m) / sum_j exp(x[.., j] - m), m = max_j x[.., j]\n"
          "Computed and summed in f32 or wider, then rounded once to the dtype of x.",
      .inputs = {{.name = "x", .doc = "[.., N] float"}},
      .outputs = {"y"},
      .attrs = {{.name = "axis",
                 .type = SIROCCO_ATTR_INT,
                 .fallback = int64_t{-1},
                 .doc = "the last dimension, counted from either end"}},
      .infer = infer,
      .cost = [](const CostContext& context) { return per_output_element(context, 5); },
  };
}

}  // namespace sirocco::ops
