#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

std::vector<TensorType> infer(const InferContext& context) {
  require_float_at_least(context, 0, 1);
  const Dim& width = last_dim(context, 0);
  for (const size_t index : {1, 2}) {
    if (!context.input(index)) continue;
    context.require_float(index, 1);
    constant_extent(context, index, 0);
    context.require(context.input(index)->shape[0] == width,
                    "weight and bias must have one element for each of the " + width.to_string() +
                        " in a row of x");
  }
  require_eps(context);
  return {*context.input(0)};
}

}  // namespace

OpDef layer_norm() {
  return {
      .name = "layer_norm",
      .doc = "Brings every row to mean zero and variance one, then scales and shifts it.",
      .formula =
          "y[.., d] = (x[.., d] - m) / sqrt(v + eps) * weight[d] + bias[d], for x [.., D], "
          "weight [D], bias [D]\n"
          "m = mean_j x[.., j], v = mean_j (x[.., j] - m)^2\n"
          "Computed and summed in f32 or wider, then rounded once to the dtype of x.",
      .inputs = {{.name = "x", .doc = "[.., D] float"},
                 {.name = "weight", .doc = "[D] float"},
                 {.name = "bias", .doc = "[D] float", .optional = true}},
      .outputs = {"y"},
      .attrs = {{.name = "eps", .type = SIROCCO_ATTR_FLOAT, .doc = "added to the variance"}},
      .infer = infer,
      .cost = [](const CostContext& context) { return per_output_element(context, 8); },
  };
}

}  // namespace sirocco::ops
