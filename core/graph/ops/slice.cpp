#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

std::vector<TensorType> infer(const InferContext& context) {
  require_float_at_least(context, 0, 1);
  const size_t axis = axis_of(context, 0);
  const int64_t extent = constant_extent(context, 0, axis);
  const int64_t begin = context.attr_int("begin");
  const int64_t end = context.attr_int("end");
  context.require(begin >= 0 && begin < end && end <= extent,
                  "[" + std::to_string(begin) + ", " + std::to_string(end) +
                      ") is no part of [0, " + std::to_string(extent) + ")");
  TensorType output = *context.input(0);
  output.shape[axis] = Dim::constant(end - begin);
  return {output};
}

/// What is left out is not read.
Cost cost(const CostContext& context) {
  const TensorType& output = context.graph.values[context.node.outputs[0]].type;
  return {.flops = 0, .bytes = 2 * static_cast<double>(output.bytes(context.extents))};
}

}  // namespace

OpDef slice() {
  return {
      .name = "slice",
      .doc = "A range of one constant dimension.",
      .formula =
          "y[.., i, ..] = x[.., begin + i, ..], for i in [0, end - begin) along `axis`\n"
          "Bits are copied.",
      .inputs = {{.name = "x", .doc = "[.., N, ..] float"}},
      .outputs = {"y"},
      .attrs = {{.name = "axis",
                 .type = SIROCCO_ATTR_INT,
                 .doc = "the dimension, counted from the end where negative"},
                {.name = "begin", .type = SIROCCO_ATTR_INT, .doc = "first index taken"},
                {.name = "end", .type = SIROCCO_ATTR_INT, .doc = "first index not taken"}},
      .infer = infer,
      .cost = cost,
  };
}

}  // namespace sirocco::ops
