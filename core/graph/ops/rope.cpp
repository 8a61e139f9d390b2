#include <cmath>

#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

void check_attrs(const InferContext& context) {
  const double theta = context.attr_float("theta");
  context.require(std::isfinite(theta) && theta > 0, "theta must be a number above 0");
  const int64_t head_dim = context.attr_int("head_dim");
  context.require(head_dim > 0, "head_dim must be above 0");
  const int64_t rotary =
      context.attr_is_null("rotary_dim") ? head_dim : context.attr_int("rotary_dim");
  context.require(rotary > 0 && rotary % 2 == 0 && rotary <= head_dim,
                  "the " + std::to_string(rotary) +
                      " rotated elements of a head must be an even number, at most head_dim " +
                      std::to_string(head_dim));
}

std::vector<TensorType> infer(const InferContext& context) {
  context.require_float(0, 2);
  const TensorType& positions = *context.input(1);
  context.require(positions.dtype == SIROCCO_DTYPE_I32 && positions.rank() == 1,
                  "positions must be i32 of 1 dimension");
  context.require(positions.shape[0] == context.input(0)->shape[0],
                  "positions must have one element for each row of x");
  check_attrs(context);
  const int64_t width = constant_extent(context, 0, 1);
  const int64_t head_dim = context.attr_int("head_dim");
  context.require(width % head_dim == 0, "rows of " + std::to_string(width) +
                                             " elements are no whole number of heads of " +
                                             std::to_string(head_dim));
  return {*context.input(0)};
}

}  // namespace

OpDef rope() {
  return {
      .name = "rope",
      .doc =
          "Rotary position embedding: rotates pairs of elements of every head by angles that "
          "grow with the position.",
      .formula =
          "x [T, H*head_dim] is T rows of H heads; in every head, for j in [0, d/2) and d = "
          "rotary_dim:\n"
          "  angle = positions[t] * theta^(-2j/d)\n"
          "  y[a] = x[a] * cos(angle) - x[b] * sin(angle)\n"
          "  y[b] = x[b] * cos(angle) + x[a] * sin(angle)\n"
          "with (a, b) = (2j, 2j+1) where style is interleaved, (j, j + d/2) where it is "
          "half.\n"
          "Elements from d on are copied. Angles, sines and cosines in f64, or in f32 where "
          "that is as exact at the positions used; products in f32 or wider; rounded once "
          "to the dtype of x.",
      .inputs = {{.name = "x", .doc = "[T, H*head_dim] float"},
                 {.name = "positions", .doc = "[T] i32"}},
      .outputs = {"y"},
      .attrs = {{.name = "theta", .type = SIROCCO_ATTR_FLOAT, .doc = "base of the frequencies"},
                {.name = "head_dim", .type = SIROCCO_ATTR_INT, .doc = "elements of one head"},
                {.name = "style",
                 .type = SIROCCO_ATTR_STRING,
                 .doc = "which elements form a pair; the checkpoint's layout decides",
                 .choices = {"interleaved", "half"}},
                {.name = "rotary_dim",
                 .type = SIROCCO_ATTR_INT,
                 .fallback = std::monostate{},
                 .doc = "elements of a head that are rotated; null: all of them",
                 .nullable = true}},
      .infer = infer,
      .cost = [](const CostContext& context) { return per_output_element(context, 3); },
  };
}

}  // namespace sirocco::ops
