#include <sirocco/abi/step.h>

#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

std::vector<TensorType> infer(const InferContext& context) {
  context.require_float(0, 2);
  const TensorType& logits = *context.input(0);
  const TensorType& settings = *context.input(1);
  const int64_t vocabulary = constant_extent(context, 0, 1);
  context.require(vocabulary <= INT32_MAX, "token ids do not fit i32");
  context.require(settings.dtype == SIROCCO_DTYPE_I32 && settings.rank() == 2,
                  "settings must be i32 of 2 dimensions");
  context.require(
      constant_extent(context, 1, 1) >= SIROCCO_SAMPLING_INTS,
      "settings must have at least " + std::to_string(SIROCCO_SAMPLING_INTS) + " elements a row");
  context.require(logits.shape[0] == settings.shape[0],
                  "logits and settings must have as many rows");
  return {{.dtype = SIROCCO_DTYPE_I32, .shape = {logits.shape[0]}}};
}

/// One exponential a logit, counted as one operation, and the sums.
Cost cost(const CostContext& context) {
  return {.flops = 3 * elements_of(context, context.node.inputs[0]), .bytes = value_bytes(context)};
}

}  // namespace

OpDef sample() {
  return {
      .name = "sample",
      .doc = "Chooses the next token of every row.",
      .formula =
          "ids[r] of logits [R, V], rounded to f32, as settings[r] say (a record "
          "SIROCCO_SAMPLING_* of the step buffer: seed, position, temperature, top_k, top_p, "
          "min_p)\n"
          "temperature 0: the largest logit's id, the lowest of equals. Else, with m the largest "
          "logit:\n"
          "w[i] = exp((logits[r, i] - m) / temperature)\n"
          "1. top_k above 0: only the top_k largest logits, lower ids first among equals\n"
          "2. top_p below 1: of these, in descending order (lower ids first among equals), the "
          "fewest whose w reach top_p times the sum of all of these\n"
          "3. only those with w[i] >= min_p\n"
          "What is left is laid side by side in the order of ids, each as wide as its w, and the "
          "one at u times the whole width is taken: the first whose running sum is above it, with "
          "u = uniform_at(seed, position) in [0, 1), from Philox4x32-10.\n"
          "In f64. Another order of the sums may give another id only where top_p or u falls "
          "within their rounding of an edge.\n"
          "-1 where a logit is NaN or plus infinity, or all are minus infinity.",
      .inputs = {{.name = "logits", .doc = "[R, V] float"},
                 {.name = "settings", .doc = "[R, n] i32, n at least SIROCCO_SAMPLING_INTS"}},
      .outputs = {"ids"},
      .infer = infer,
      .cost = cost,
  };
}

}  // namespace sirocco::ops
