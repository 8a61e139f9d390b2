#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

std::vector<TensorType> infer(const InferContext& context) {
  require_float_at_least(context, 0, 1);
  context.require_float(1, 2);
  const Shape& weight = context.input(1)->shape;
  constant_extent(context, 1, 0);
  constant_extent(context, 1, 1);
  const Dim& features = last_dim(context, 0);
  context.require(features == weight[1], "rows of x have " + features.to_string() +
                                             " elements, but those of weight have " +
                                             weight[1].to_string());
  if (context.input(2)) {
    context.require_float(2, 1);
    context.require(
        context.input(2)->shape[0] == weight[0],
        "bias must have one element for each of weight's " + weight[0].to_string() + " rows");
  }
  TensorType output = *context.input(0);
  output.shape.back() = weight[0];
  return {output};
}

Cost cost(const CostContext& context) {
  const TensorType& weight = context.graph.values[context.node.inputs[1]].type;
  const double features = static_cast<double>(weight.shape[1].at(context.extents));
  const bool biased = context.node.inputs.size() > 2 && context.node.inputs[2] != kNone;
  return per_output_element(context, 2 * features + (biased ? 1 : 0));
}

}  // namespace

OpDef linear() {
  return {
      .name = "linear",
      .doc = "Multiplies rows by the transpose of a weight and adds a bias.",
      .formula =
          "y[.., n] = sum_k x[.., k] * weight[n, k] + bias[n], for x [.., K], weight "
          "[N, K], bias [N]\n"
          "Accumulated in f32 or wider, then rounded once to the dtype of x.",
      .inputs = {{.name = "x", .doc = "[.., K] float"},
                 {.name = "weight", .doc = "[N, K] float", .use = SIROCCO_USE_MANY_ROWS},
                 {.name = "bias", .doc = "[N] float", .optional = true}},
      .outputs = {"y"},
      .infer = infer,
      .cost = cost,
  };
}

}  // namespace sirocco::ops
