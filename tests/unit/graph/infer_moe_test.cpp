// Inference of moe_router and moe_ffn.

#include "catch.hpp"
#include "graph_builders.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

void says(const std::string& message, const std::string& part) {
  INFO(message);
  CHECK(message.find(part) != std::string::npos);
}

/// x, experts and weights of a token with `k` experts, then three tensors for each of `n`.
std::vector<TensorType> experts(size_t n, int64_t k, int64_t features = 8, int64_t hidden = 12) {
  std::vector<TensorType> inputs{f32({kT, c(features)}), i32({kT, c(k)}), f32({kT, c(k)})};
  for (size_t e = 0; e < n; ++e) {
    inputs.push_back(bf16({c(hidden), c(features)}));
    inputs.push_back(bf16({c(features), c(hidden)}));
    inputs.push_back(bf16({c(hidden), c(features)}));
  }
  return inputs;
}

}  // namespace

TEST_CASE("moe_router makes k numbers and weights of a token's logits") {
  const auto outputs = infer(builtin("moe_router"), {bf16({kT, c(8)})}, {{"k", int64_t{2}}});
  REQUIRE(outputs.size() == 2);
  CHECK(outputs[0].to_string() == "i32 [T, 2]");
  CHECK(outputs[1].to_string() == "f32 [T, 2]");
  const std::vector<TensorType> logits = {f32({kT, c(8)})};
  says(infer_error("moe_router", logits, {{"k", int64_t{0}}}), "k 0 lies outside [1, 8]");
  says(infer_error("moe_router", logits, {{"k", int64_t{9}}}), "k 9 lies outside [1, 8]");
  says(infer_error("moe_router", logits, {{"k", int64_t{2}}, {"scale", 0.0}}), "scale");
  says(infer_error("moe_router", logits, {{"k", int64_t{2}}, {"scores", "tanh"}}), "sigmoid");
  says(infer_error("moe_router", {i32({kT, c(8)})}, {{"k", int64_t{2}}}), "float");
}

TEST_CASE("moe_ffn takes three tensors an expert") {
  CHECK(type_of("moe_ffn", experts(4, 2)) == "f32 [T, 8]");
  CHECK(type_of("moe_ffn", experts(1, 1)) == "f32 [T, 8]");
  says(infer_error("moe_ffn", experts(1, 2)), "a token has 2 experts, but there are only 1");
  auto one_short = experts(4, 2);
  one_short.pop_back();
  says(infer_error("moe_ffn", one_short), "not 11 tensors");
  auto swapped = experts(4, 2);
  std::swap(swapped[3 + 3 * 2], swapped[3 + 3 * 2 + 1]);
  says(infer_error("moe_ffn", swapped), "w1 of expert 2 must be [12, 8]");
  auto ragged = experts(4, 2);
  ragged[1] = i32({kT, c(3)});
  says(infer_error("moe_ffn", ragged), "of the shape of weights");
  auto others = experts(4, 2);
  others[1] = i32({kR, c(2)});
  others[2] = f32({kR, c(2)});
  says(infer_error("moe_ffn", others), "one row a token");
}
