#include "graph/ops/common.hpp"

#include <algorithm>
#include <cmath>

namespace sirocco::ops {

void require_float_at_least(const InferContext& context, size_t index, size_t rank) {
  const size_t actual = context.input(index)->rank();
  context.require_float(index, std::max(actual, rank));
}

void require_same_type(const InferContext& context, size_t a, size_t b) {
  context.require(*context.input(a) == *context.input(b),
                  context.input(a)->to_string() + " and " + context.input(b)->to_string() +
                      " must have the same dtype and shape");
}

const Dim& last_dim(const InferContext& context, size_t index) {
  const TensorType& type = *context.input(index);
  context.require(type.rank() > 0, "a scalar has no innermost dimension");
  return type.shape.back();
}

int64_t constant_extent(const InferContext& context, size_t index, size_t axis) {
  const Dim& dim = context.input(index)->shape[axis];
  context.require(dim.is_constant(), "dimension " + std::to_string(axis) + " (" + dim.to_string() +
                                         ") depends on the step, but must be constant");
  return dim.base;
}

size_t axis_of(const InferContext& context, size_t index) {
  const auto rank = static_cast<int64_t>(context.input(index)->rank());
  const int64_t axis = context.attr_int("axis");
  context.require(axis >= -rank && axis < rank, "axis " + std::to_string(axis) +
                                                    " lies outside a tensor of " +
                                                    std::to_string(rank) + " dimensions");
  return static_cast<size_t>(axis < 0 ? axis + rank : axis);
}

void require_rows_are_tokens(const InferContext& context, size_t index) {
  const Dim& rows = context.input(index)->shape[0];
  context.require(rows == Dim::of(SIROCCO_SYM_TOKENS),
                  "needs one row for every token of the step (T), not " + rows.to_string());
}

void require_eps(const InferContext& context) {
  const double eps = context.attr_float("eps");
  context.require(std::isfinite(eps) && eps >= 0, "eps must be a number of 0 or more");
}

sirocco_dtype dtype_of(const InferContext& context) {
  const std::string& name = context.attr_string("dtype");
  const sirocco_dtype dtype = dtype_from_name(name);
  context.require(is_float(dtype), "dtype '" + name + "' is no float dtype");
  return dtype;
}

std::vector<std::string> float_dtype_choices() {
  return {kActivationDtype, "f32", "f16", "bf16", "f64"};
}

double elements_of(const CostContext& context, ValueId value) {
  return static_cast<double>(context.graph.values[value].type.elements(context.extents));
}

Cost per_output_element(const CostContext& context, double flops) {
  return {.flops = flops * elements_of(context, context.node.outputs[0]),
          .bytes = value_bytes(context)};
}

std::vector<TensorType> infer_like_first(const InferContext& context) {
  require_float_at_least(context, 0, 1);
  return {*context.input(0)};
}

std::vector<TensorType> infer_broadcast(const InferContext& context) {
  require_float_at_least(context, 0, 1);
  require_float_at_least(context, 1, 1);
  const Shape& a = context.input(0)->shape;
  const Shape& b = context.input(1)->shape;
  context.require(b.size() <= a.size() && std::equal(b.rbegin(), b.rend(), a.rbegin()),
                  "b " + shape_to_string(b) + " must have the shape of a " + shape_to_string(a) +
                      " or of its last dimensions");
  return {*context.input(0)};
}

std::vector<InputSpec> broadcast_inputs() {
  return {{.name = "a", .doc = "[.., D] float"},
          {.name = "b", .doc = "float, the shape of a or of a's last dimensions"}};
}

}  // namespace sirocco::ops
