#include <algorithm>

#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

std::vector<TensorType> infer(const InferContext& context) {
  const TensorType& tokens = *context.input(0);
  context.require(tokens.dtype == SIROCCO_DTYPE_I32 && tokens.rank() == 1,
                  "tokens must be i32 of 1 dimension");
  context.require_float(1, 2);
  constant_extent(context, 1, 0);
  constant_extent(context, 1, 1);
  return {{.dtype = dtype_of(context), .shape = {tokens.shape[0], context.input(1)->shape[1]}}};
}

/// Only the rows that are looked up are read, each at most once.
Cost cost(const CostContext& context) {
  const auto& values = context.graph.values;
  const TensorType& tokens = values[context.node.inputs[0]].type;
  const TensorType& weight = values[context.node.inputs[1]].type;
  const TensorType& output = values[context.node.outputs[0]].type;
  const double vocabulary = static_cast<double>(weight.shape[0].at(context.extents));
  const double rows = std::min(elements_of(context, context.node.inputs[0]), vocabulary);
  const double row_bytes = static_cast<double>(weight.bytes(context.extents)) / vocabulary;
  return {.flops = 0,
          .bytes = static_cast<double>(tokens.bytes(context.extents)) + rows * row_bytes +
                   static_cast<double>(output.bytes(context.extents))};
}

}  // namespace

OpDef embedding() {
  return {
      .name = "embedding",
      .doc = "Looks up one row of a table for every token.",
      .formula =
          "y[t, d] = weight[tokens[t], d], for tokens [T] and weight [V, D]\n"
          "Rounded to `dtype`. Ids lie in [0, V): the host checks them before a step.",
      .inputs = {{.name = "tokens", .doc = "[T] i32"},
                 {.name = "weight", .doc = "[V, D] float", .use = SIROCCO_USE_GATHER}},
      .outputs = {"y"},
      .attrs = {{.name = "dtype",
                 .type = SIROCCO_ATTR_STRING,
                 .fallback = kActivationDtype,
                 .doc = "dtype of y; 'activation' is that of the numerics asked for",
                 .choices = float_dtype_choices()}},
      .infer = infer,
      .cost = cost,
  };
}

}  // namespace sirocco::ops
