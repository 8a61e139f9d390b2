#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

std::vector<TensorType> infer(const InferContext& context) {
  require_float_at_least(context, 0, 1);
  const size_t axis = axis_of(context, 0);
  TensorType output = *context.input(0);
  int64_t extent = 0;
  for (size_t index = 0; index < context.n_inputs(); ++index) {
    TensorType type = *context.input(index);
    context.require(type.rank() == output.rank(), "all tensors must have one number of dimensions");
    const auto sum = checked_sum(extent, constant_extent(context, index, axis));
    context.require(sum.has_value(), "the sum of the extents overflows 64 bits");
    extent = *sum;
    type.shape[axis] = output.shape[axis];
    context.require(type == output,
                    "all tensors must have one dtype, and one shape but for "
                    "dimension " +
                        std::to_string(axis));
  }
  output.shape[axis] = Dim::constant(extent);
  return {output};
}

}  // namespace

OpDef concat() {
  return {
      .name = "concat",
      .doc = "Puts tensors one after the other along one constant dimension.",
      .formula =
          "y[.., o_n + i, ..] = x_n[.., i, ..], with o_n the sum of the extents before x_n "
          "along `axis`\n"
          "Bits are copied.",
      .inputs = {{.name = "x", .doc = "[.., N, ..] float, of one dtype", .variadic = true}},
      .outputs = {"y"},
      .attrs = {{.name = "axis",
                 .type = SIROCCO_ATTR_INT,
                 .fallback = int64_t{-1},
                 .doc = "the dimension, counted from the end where negative"}},
      .infer = infer,
  };
}

}  // namespace sirocco::ops
