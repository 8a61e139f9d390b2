// Experts in the reference backend, against sums written out here.

#include <cmath>
#include <limits>

#include "catch.hpp"
#include "reference_plugin.hpp"

using namespace harness;

namespace {

constexpr sirocco_dtype kF32 = SIROCCO_DTYPE_F32, kI32 = SIROCCO_DTYPE_I32;

Step tokens_step(uint32_t n) {
  return Step({{0, n, {0, 1}}}, 16);
}

}  // namespace

TEST_CASE("moe_router: the largest logits, lower index first, softmax over the chosen") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  OneOp test;
  const uint32_t in = test.input(kF32, {tokens(), constant(4)}, {1, 3, 3, 0, nan, -1, -2, nan});
  const uint32_t experts = test.graph.output(kI32, {tokens(), constant(3)});
  const uint32_t weights = test.graph.output(kF32, {tokens(), constant(3)});
  test.graph.node("moe_router", {in}, {experts, weights},
                  {test.graph.number("k", 3), test.graph.string("scores", "softmax"),
                   test.graph.boolean("normalise", true), test.graph.real("scale", 1)});
  const Doubles y = test.run(tokens_step(2), weights);
  CHECK(test.program().get(experts) == Doubles{1, 2, 0, 1, 2, 0});
  const double sum = 2 + std::exp(-2.0);
  CHECK(y[0] == Approx(1 / sum));
  CHECK(y[1] == Approx(1 / sum));
  CHECK(y[2] == Approx(std::exp(-2.0) / sum));
}

TEST_CASE("moe_router: sigmoid scores, not normalised, scaled") {
  OneOp test;
  const uint32_t in = test.input(kF32, {tokens(), constant(3)}, {0, 2, -1});
  const uint32_t experts = test.graph.output(kI32, {tokens(), constant(2)});
  const uint32_t weights = test.graph.output(kF32, {tokens(), constant(2)});
  test.graph.node("moe_router", {in}, {experts, weights},
                  {test.graph.number("k", 2), test.graph.string("scores", "sigmoid"),
                   test.graph.boolean("normalise", false), test.graph.real("scale", 2.5)});
  const Doubles y = test.run(tokens_step(1), weights);
  CHECK(test.program().get(experts) == Doubles{1, 0});
  CHECK(y[0] == Approx(2.5 / (1 + std::exp(-2.0))));
  CHECK(y[1] == Approx(1.25));
}

TEST_CASE("moe_ffn: each token through its experts only") {
  constexpr size_t kFeatures = 5, kHidden = 7, kExperts = 3, kTokens = 4, kChosen = 2;
  const Doubles experts{0, 2, 2, 1, 0, 1, 2, 0}, shares{0.25, 0.75, 1, 0, 0.5, 0.5, 0.125, 0.5};
  OneOp test;
  const Doubles x = random_numbers(kTokens * kFeatures, 1);
  std::vector<uint32_t> inputs{test.input(kF32, {tokens(), constant(kFeatures)}, x),
                               test.input(kI32, {tokens(), constant(kChosen)}, experts),
                               test.input(kF32, {tokens(), constant(kChosen)}, shares)};
  std::vector<Doubles> w;
  for (size_t i = 0; i < 3 * kExperts; ++i) {
    w.push_back(random_numbers(kFeatures * kHidden, static_cast<uint32_t>(i + 2)));
    const bool down = i % 3 == 1;
    inputs.push_back(test.weight(
        kF32, {constant(down ? kFeatures : kHidden), constant(down ? kHidden : kFeatures)}, w[i]));
  }
  const uint32_t out = test.graph.output(kF32, {tokens(), constant(kFeatures)});
  test.graph.node("moe_ffn", inputs, {out});
  const Doubles y = test.run(tokens_step(kTokens), out);
  // The inputs are stored as f32: the same roundings here.
  const auto f = [](double v) { return static_cast<double>(static_cast<float>(v)); };
  for (size_t t = 0; t < kTokens; ++t) {
    for (size_t d = 0; d < kFeatures; ++d) {
      double sum = 0;
      for (size_t j = 0; j < kChosen; ++j) {
        const auto e = static_cast<size_t>(experts[t * kChosen + j]);
        for (size_t h = 0; h < kHidden; ++h) {
          double gate = 0, up = 0;
          for (size_t i = 0; i < kFeatures; ++i) {
            gate += f(w[3 * e][h * kFeatures + i]) * f(x[t * kFeatures + i]);
            up += f(w[3 * e + 2][h * kFeatures + i]) * f(x[t * kFeatures + i]);
          }
          sum += shares[t * kChosen + j] * gate / (1 + std::exp(-gate)) * up *
                 f(w[3 * e + 1][d * kHidden + h]);
        }
      }
      CHECK(y[t * kFeatures + d] == Approx(sum).epsilon(1e-6).margin(1e-7));
    }
  }
}

TEST_CASE("moe_ffn refuses an expert that is none") {
  OneOp test;
  std::vector<uint32_t> inputs{test.input(kF32, {tokens(), constant(2)}, {1, 2}),
                               test.input(kI32, {tokens(), constant(1)}, {1}),
                               test.input(kF32, {tokens(), constant(1)}, {1})};
  for (int i = 0; i < 3; ++i)
    inputs.push_back(test.weight(kF32, {constant(2), constant(2)}, {1, 0, 0, 1}));
  const uint32_t out = test.graph.output(kF32, {tokens(), constant(2)});
  test.graph.node("moe_ffn", inputs, {out});
  REQUIRE_THROWS_WITH(test.run(tokens_step(1), out),
                      Catch::Contains("there is no expert 1 among 1"));
}
