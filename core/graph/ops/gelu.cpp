#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {

OpDef gelu() {
  return {
      .name = "gelu",
      .doc = "Gaussian error linear unit, exact or by the tanh approximation.",
      .formula =
          "none: y = x/2 * (1 + erf(x / sqrt(2)))\n"
          "tanh: y = x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 * x^3)))\n"
          "for every element of x [.., D]; computed in f32 or wider, then rounded once to "
          "the dtype of x.",
      .inputs = {{.name = "x", .doc = "[.., D] float"}},
      .outputs = {"y"},
      .attrs = {{.name = "approximate",
                 .type = SIROCCO_ATTR_STRING,
                 .fallback = "none",
                 .doc = "which of the two formulas",
                 .choices = {"none", "tanh"}}},
      .infer = infer_like_first,
      .cost = [](const CostContext& context) { return per_output_element(context, 8); },
  };
}

}  // namespace sirocco::ops
