#include <cmath>

#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

std::vector<TensorType> infer(const InferContext& context) {
  context.require_float(0, 2);
  const int64_t extent = constant_extent(context, 0, 1);
  const int64_t k = context.attr_int("k");
  context.require(k > 0 && k <= extent,
                  "k " + std::to_string(k) + " lies outside [1, " + std::to_string(extent) + "]");
  context.require(extent <= INT32_MAX, "numbers of experts do not fit i32");
  const double scale = context.attr_float("scale");
  context.require(std::isfinite(scale) && scale > 0, "scale must be positive and finite");
  TensorType weights = *context.input(0);
  weights.dtype = SIROCCO_DTYPE_F32;
  weights.shape.back() = Dim::constant(k);
  TensorType experts = weights;
  experts.dtype = SIROCCO_DTYPE_I32;
  return {experts, weights};
}

Cost cost(const CostContext& context) {
  return {.flops = 4 * elements_of(context, context.node.inputs[0]), .bytes = value_bytes(context)};
}

}  // namespace

OpDef moe_router() {
  return {
      .name = "moe_router",
      .doc = "Chooses the experts of every token and what each of them counts.",
      .formula =
          "experts[t, j]: the k largest of logits [T, E] in descending order, of equal ones the "
          "lower index first; a NaN counts as the smallest\n"
          "score[t, e] = exp(logits[t, e]) / sum_f exp(logits[t, f]), or "
          "1 / (1 + exp(-logits[t, e])) where `scores` is sigmoid\n"
          "weights[t, j] = scale * score[t, experts[t, j]] / (normalise ? sum_i score[t, "
          "experts[t, i]] : 1)\n"
          "So softmax with normalise is the softmax of the k chosen logits. Computed in f32 or "
          "wider; weights are f32.",
      .inputs = {{.name = "logits", .doc = "[T, E] float"}},
      .outputs = {"experts", "weights"},
      .attrs = {{.name = "k", .type = SIROCCO_ATTR_INT, .doc = "experts of a token, at most E"},
                {.name = "scores",
                 .type = SIROCCO_ATTR_STRING,
                 .fallback = std::string("softmax"),
                 .doc = "how a logit becomes a score",
                 .choices = {"softmax", "sigmoid"}},
                {.name = "normalise",
                 .type = SIROCCO_ATTR_BOOL,
                 .fallback = true,
                 .doc = "the scores of a token's experts are divided by their sum"},
                {.name = "scale",
                 .type = SIROCCO_ATTR_FLOAT,
                 .fallback = 1.0,
                 .doc = "a factor of every weight"}},
      .infer = infer,
      .cost = cost,
  };
}

}  // namespace sirocco::ops
