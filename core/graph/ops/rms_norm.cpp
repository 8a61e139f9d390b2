#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

std::vector<TensorType> infer(const InferContext& context) {
  require_float_at_least(context, 0, 1);
  context.require_float(1, 1);
  constant_extent(context, 1, 0);
  context.require(context.input(1)->shape[0] == last_dim(context, 0),
                  "weight must have one element for each of the " +
                      last_dim(context, 0).to_string() + " in a row of x");
  require_eps(context);
  return {*context.input(0)};
}

}  // namespace

OpDef rms_norm() {
  return {
      .name = "rms_norm",
      .doc = "Divides every row by its root mean square and scales it.",
      .formula =
          "y[.., d] = x[.., d] / sqrt(mean_j x[.., j]^2 + eps) * weight[d], for x [.., D], "
          "weight [D]\n"
          "Computed and summed in f32 or wider, then rounded once to the dtype of x.",
      .inputs = {{.name = "x", .doc = "[.., D] float"}, {.name = "weight", .doc = "[D] float"}},
      .outputs = {"y"},
      .attrs = {{.name = "eps", .type = SIROCCO_ATTR_FLOAT, .doc = "added to the mean square"}},
      .infer = infer,
      .cost = [](const CostContext& context) { return per_output_element(context, 4); },
  };
}

}  // namespace sirocco::ops
