#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

std::vector<TensorType> infer(const InferContext& context) {
  require_float_at_least(context, 0, 1);
  TensorType output = *context.input(0);
  output.dtype = dtype_of(context);
  return {output};
}

}  // namespace

OpDef cast() {
  return {
      .name = "cast",
      .doc = "Converts to another float dtype.",
      .formula =
          "y = x, for every element of x [.., D], rounded to nearest, ties to even\n"
          "Beyond the range of `dtype`: infinity.",
      .inputs = {{.name = "x", .doc = "[.., D] float"}},
      .outputs = {"y"},
      .attrs = {{.name = "dtype",
                 .type = SIROCCO_ATTR_STRING,
                 .doc = "dtype of y; 'activation' is that of the numerics asked for",
                 .choices = float_dtype_choices()}},
      .infer = infer,
  };
}

}  // namespace sirocco::ops
