#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

int64_t checked(const InferContext& context, int64_t a, int64_t b) {
  const auto result = checked_product(a, b);
  context.require(result.has_value(), "the shape overflows 64 bits");
  return *result;
}

/// Replaces the one -1 by what is left of `elements`, and checks that nothing is left over.
std::vector<int64_t> resolve(const InferContext& context, int64_t elements) {
  std::vector<int64_t> shape = context.attr_ints("shape");
  context.require(!shape.empty() && shape.size() < SIROCCO_MAX_RANK,
                  "shape must have 1 to " + std::to_string(SIROCCO_MAX_RANK - 1) + " extents");
  int64_t known = 1;
  int64_t* open = nullptr;
  for (int64_t& extent : shape) {
    context.require(extent > 0 || (extent == -1 && !open),
                    "extents of shape must be above 0, but for one -1");
    if (extent == -1) {
      open = &extent;
    } else {
      known = checked(context, known, extent);
    }
  }
  context.require(open ? elements % known == 0 : elements == known,
                  "rows of " + std::to_string(elements) + " elements cannot take a shape of " +
                      std::to_string(known));
  if (open) *open = elements / known;
  return shape;
}

std::vector<TensorType> infer(const InferContext& context) {
  require_float_at_least(context, 0, 2);
  TensorType output = *context.input(0);
  int64_t elements = 1;
  for (size_t axis = 1; axis < output.rank(); ++axis)
    elements = checked(context, elements, constant_extent(context, 0, axis));
  output.shape.resize(1);
  for (const int64_t extent : resolve(context, elements))
    output.shape.push_back(Dim::constant(extent));
  return {output};
}

}  // namespace

OpDef reshape() {
  return {
      .name = "reshape",
      .doc = "Regroups the elements of every row; the first dimension stays.",
      .formula =
          "y[t, ..] holds the elements of x[t, ..] in the same row-major order, for x "
          "[T, ..]\n"
          "Bits are kept.",
      .inputs = {{.name = "x", .doc = "[T, ..] float, two dimensions or more"}},
      .outputs = {"y"},
      .attrs = {{.name = "shape",
                 .type = SIROCCO_ATTR_INTS,
                 .doc = "extents after the first dimension; one of them may be -1: what is left"}},
      .infer = infer,
  };
}

}  // namespace sirocco::ops
