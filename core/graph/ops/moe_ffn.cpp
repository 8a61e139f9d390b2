#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

constexpr size_t kFirst = 3;  ///< the input that is w1 of expert 0

std::vector<TensorType> infer(const InferContext& context) {
  context.require_float(0, 2);
  context.require_float(2, 2);
  const TensorType& experts = *context.input(1);
  context.require(experts.dtype == SIROCCO_DTYPE_I32 && experts.shape == context.input(2)->shape,
                  "experts must be i32, of the shape of weights");
  context.require(experts.shape[0] == context.input(0)->shape[0],
                  "x and experts must have one row a token");
  const int64_t k = constant_extent(context, 1, 1);
  constant_extent(context, 0, 1);
  const size_t given = context.n_inputs() - kFirst;
  context.require(given % 3 == 0, "w1, w2 and w3 of every expert were expected, not " +
                                      std::to_string(given) + " tensors");
  context.require(k <= static_cast<int64_t>(given / 3), "a token has " + std::to_string(k) +
                                                            " experts, but there are only " +
                                                            std::to_string(given / 3));
  const Dim& features = last_dim(context, 0);
  for (size_t index = kFirst; index < context.n_inputs(); ++index) {
    context.require_float(index, 2);
    const Dim& hidden = context.input(kFirst)->shape[0];
    constant_extent(context, index, 0);
    constant_extent(context, index, 1);
    const bool down = (index - kFirst) % 3 == 1;
    const Shape expected = down ? Shape{features, hidden} : Shape{hidden, features};
    context.require(context.input(index)->shape == expected,
                    "w" + std::to_string((index - kFirst) % 3 + 1) + " of expert " +
                        std::to_string((index - kFirst) / 3) + " must be [" +
                        expected[0].to_string() + ", " + expected[1].to_string() + "]");
  }
  return {*context.input(0)};
}

Cost cost(const CostContext& context) {
  const auto& inputs = context.node.inputs;
  // As if every expert were read: which ones are is known only when the step runs.
  return {.flops = 6 * elements_of(context, inputs[1]) * elements_of(context, inputs[kFirst]),
          .bytes = value_bytes(context)};
}

}  // namespace

OpDef moe_ffn() {
  return {
      .name = "moe_ffn",
      .doc = "A gated feed-forward block of experts, of which every token passes through its own.",
      .formula =
          "y[t] = sum_j weights[t, j] * w2_e (silu(w1_e x[t]) * (w3_e x[t])), e = experts[t, j], "
          "for x [T, D], experts and weights [T, k]\n"
          "w1_e and w3_e are [F, D], w2_e is [D, F]. Only the weights of experts that some token "
          "has are read; every number in experts is in [0, E). Computed in f32 or wider, then "
          "rounded once to the dtype of x; a kernel may also round the hidden row to it.",
      .inputs = {{.name = "x", .doc = "[T, D] float"},
                 {.name = "experts", .doc = "[T, k] i32"},
                 {.name = "weights", .doc = "[T, k] float"},
                 {.name = "expert_weights",
                  .doc = "w1, w2, w3 of expert 0, then those of expert 1, … float",
                  .variadic = true,
                  .use = SIROCCO_USE_MANY_ROWS}},
      .outputs = {"y"},
      .infer = infer,
      .cost = cost,
  };
}

}  // namespace sirocco::ops
