#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

std::vector<TensorType> infer(const InferContext& context) {
  context.require_float(0, 2);
  require_rows_are_tokens(context, 0);
  TensorType output = *context.input(0);
  output.shape[0] = Dim::of(SIROCCO_SYM_SEQS);
  return {output};
}

Cost cost(const CostContext& context) {
  return {.flops = elements_of(context, context.node.inputs[0]), .bytes = value_bytes(context)};
}

}  // namespace

OpDef mean_pool() {
  return {
      .name = "mean_pool",
      .doc = "The mean of every sequence's rows of this step.",
      .formula =
          "y[s, d] = mean of x[t, d] over t in [cu_seqlens[s], cu_seqlens[s+1]), for x "
          "[T, D], y [S, D]\n"
          "Zero for a sequence without tokens in the step. Summed in f32 or wider, then "
          "rounded once to the dtype of x.",
      .inputs = {{.name = "x", .doc = "[T, D] float"}},
      .outputs = {"y"},
      .infer = infer,
      .cost = cost,
  };
}

}  // namespace sirocco::ops
