#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {

OpDef silu() {
  return {
      .name = "silu",
      .doc = "Sigmoid-weighted linear unit.",
      .formula =
          "y = x / (1 + exp(-x)), for every element of x [.., D]\n"
          "Computed in f32 or wider, then rounded once to the dtype of x.",
      .inputs = {{.name = "x", .doc = "[.., D] float"}},
      .outputs = {"y"},
      .infer = infer_like_first,
      .cost = [](const CostContext& context) { return per_output_element(context, 4); },
  };
}

}  // namespace sirocco::ops
