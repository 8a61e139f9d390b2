#include <algorithm>

#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

std::vector<TensorType> infer(const InferContext& context) {
  require_float_at_least(context, 0, 2);
  const TensorType& rows = *context.input(1);
  context.require(rows.dtype == SIROCCO_DTYPE_I32 && rows.rank() == 1,
                  "rows must be i32 of 1 dimension");
  TensorType output = *context.input(0);
  output.shape[0] = rows.shape[0];
  return {output};
}

/// Only the rows that are wanted are read.
Cost cost(const CostContext& context) {
  const auto& values = context.graph.values;
  const double rows =
      static_cast<double>(values[context.node.inputs[1]].type.bytes(context.extents));
  const double output =
      static_cast<double>(values[context.node.outputs[0]].type.bytes(context.extents));
  const double input =
      static_cast<double>(values[context.node.inputs[0]].type.bytes(context.extents));
  return {.flops = 0, .bytes = rows + output + std::min(output, input)};
}

}  // namespace

OpDef gather_rows() {
  return {
      .name = "gather_rows",
      .doc = "Copies chosen rows, in the order given.",
      .formula =
          "y[r, ..] = x[rows[r], ..], for x [T, .., D] and rows [R]\n"
          "Bits are copied. Row numbers lie in [0, T).",
      .inputs = {{.name = "x", .doc = "[T, .., D] float"}, {.name = "rows", .doc = "[R] i32"}},
      .outputs = {"y"},
      .infer = infer,
      .cost = cost,
  };
}

}  // namespace sirocco::ops
