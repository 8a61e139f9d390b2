#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

std::vector<TensorType> infer(const InferContext& context) {
  require_float_at_least(context, 0, 1);
  require_same_type(context, 0, 1);
  return {*context.input(0)};
}

}  // namespace

OpDef swiglu() {
  return {
      .name = "swiglu",
      .doc = "The gate of a gated feed-forward block: silu of one tensor times another.",
      .formula =
          "y = gate / (1 + exp(-gate)) * up, for every element of gate and up [.., D]\n"
          "Computed in f32 or wider, then rounded to the dtype of gate. A fused kernel "
          "rounds once, the decomposition also after silu.",
      .inputs = {{.name = "gate", .doc = "[.., D] float"},
                 {.name = "up", .doc = "[.., D], the type of gate"}},
      .outputs = {"y"},
      .infer = infer,
      .cost = [](const CostContext& context) { return per_output_element(context, 5); },
      .decomposition = "- return: mul(silu(gate), up)\n",
  };
}

}  // namespace sirocco::ops
