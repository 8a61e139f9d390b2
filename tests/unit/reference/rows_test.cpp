#include <algorithm>
#include <cmath>
#include <limits>

#include "catch.hpp"
#include "reference_plugin.hpp"

using namespace harness;

namespace {

constexpr sirocco_dtype kF32 = SIROCCO_DTYPE_F32, kBf16 = SIROCCO_DTYPE_BF16,
                        kI32 = SIROCCO_DTYPE_I32, kF16 = SIROCCO_DTYPE_F16;

Doubles as(sirocco_dtype dtype, Doubles values) {
  for (double& value : values) {
    std::byte memory[8];
    sirocco::sdk::store_doubles(memory, dtype, 0, 1, &value);
    sirocco::sdk::load_doubles(memory, dtype, 0, 1, &value);
  }
  return values;
}

void check_close(const Doubles& got, const std::vector<long double>& expected, double epsilon) {
  REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    REQUIRE(got[i] == Approx(static_cast<double>(expected[i])).epsilon(epsilon).margin(1e-12));
}

Step five_tokens(std::vector<int32_t> wanted = {}) {
  return Step({{0, 3, {0}}, {0, 2, {1}}}, 16, std::move(wanted));
}

}  // namespace

TEST_CASE("linear, with and without a bias, weights in any dtype at any address") {
  constexpr size_t kIn = 37, kOut = 19;
  for (const sirocco_dtype dtype : {kF32, kBf16, kF16, sirocco_dtype{SIROCCO_DTYPE_F64}}) {
    for (const bool biased : {false, true}) {
      OneOp test;
      const Doubles x = as(kF32, random_numbers(5 * kIn, 1));
      const Doubles w = as(dtype, random_numbers(kOut * kIn, 2));
      const Doubles b = as(dtype, random_numbers(kOut, 3));
      std::vector<uint32_t> inputs{test.input(kF32, {tokens(), constant(kIn)}, x),
                                   test.weight(dtype, {constant(kOut), constant(kIn)}, w)};
      if (biased) inputs.push_back(test.weight(dtype, {constant(kOut)}, b));
      const uint32_t out = test.graph.output(kF32, {tokens(), constant(kOut)});
      test.graph.node("linear", inputs, {out});
      const Doubles y = test.run(five_tokens(), out);
      std::vector<long double> expected;
      for (size_t t = 0; t < 5; ++t) {
        for (size_t n = 0; n < kOut; ++n) {
          long double sum = biased ? b[n] : 0;
          for (size_t k = 0; k < kIn; ++k)
            sum += static_cast<long double>(x[t * kIn + k]) * w[n * kIn + k];
          expected.push_back(sum);
        }
      }
      check_close(y, expected, 1e-7);
    }
  }
}

TEST_CASE("linear accumulates beyond f32") {
  // In f32 the small addends would vanish beside the large ones, which cancel.
  OneOp test;
  const uint32_t x = test.input(kF32, {tokens(), constant(4)}, {1e8, 1, -1e8, 1});
  const uint32_t w = test.weight(kF32, {constant(1), constant(4)}, {1, 1, 1, 1});
  const uint32_t out = test.graph.output(kF32, {tokens(), constant(1)});
  test.graph.node("linear", {x, w}, {out});
  REQUIRE(test.run(Step({{0, 1, {0}}}, 16), out)[0] == 2);
}

TEST_CASE("a row of linear has the same bits in any batch and on any number of threads") {
  constexpr size_t kIn = 129, kOut = 65, kTokens = 21;
  const Doubles x = as(kF32, random_numbers(kTokens * kIn, 1));
  const Doubles w = random_numbers(kOut * kIn, 2);
  const auto run = [&](size_t first, size_t n, uint32_t threads) {
    OneOp test({}, threads);
    const auto at = x.begin() + static_cast<std::ptrdiff_t>(first * kIn);
    const Doubles part(at, at + static_cast<std::ptrdiff_t>(n * kIn));
    const uint32_t in = test.input(kF32, {tokens(), constant(kIn)}, part);
    const uint32_t weight = test.weight(kF32, {constant(kOut), constant(kIn)}, w);
    const uint32_t out = test.graph.output(kF32, {tokens(), constant(kOut)});
    test.graph.node("linear", {in, weight}, {out});
    return test.run(Step({{0, static_cast<int64_t>(n), {0, 1}}}, 16), out);
  };
  const Doubles whole = run(0, kTokens, 1);
  REQUIRE(run(0, kTokens, 3) == whole);
  for (size_t t = 0; t < kTokens; ++t) {
    const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(t * kOut);
    REQUIRE(run(t, 1, 1) == Doubles(begin, begin + kOut));
  }
}

TEST_CASE("rms_norm") {
  constexpr size_t kWidth = 33;
  OneOp test;
  const Doubles x = as(kBf16, random_numbers(5 * kWidth, 1));
  const Doubles w = as(kBf16, random_numbers(kWidth, 2));
  const uint32_t in = test.input(kBf16, {tokens(), constant(kWidth)}, x);
  const uint32_t weight = test.weight(kBf16, {constant(kWidth)}, w);
  const uint32_t out = test.graph.output(kBf16, {tokens(), constant(kWidth)});
  test.graph.node("rms_norm", {in, weight}, {out}, {test.graph.real("eps", 0.25)});
  const Doubles y = test.run(five_tokens(), out);
  std::vector<long double> expected;
  for (size_t i = 0; i < x.size(); ++i) {
    long double squares = 0;
    for (size_t j = 0; j < kWidth; ++j) squares += std::pow(x[i / kWidth * kWidth + j], 2.0L);
    expected.push_back(x[i] / std::sqrt(squares / kWidth + 0.25L) * w[i % kWidth]);
  }
  check_close(y, expected, 1.0 / 256);
}

TEST_CASE("layer_norm, with and without a bias") {
  constexpr size_t kWidth = 33;
  for (const bool biased : {false, true}) {
    OneOp test;
    const Doubles x = as(kF32, random_numbers(5 * kWidth, 1));
    const Doubles w = as(kF32, random_numbers(kWidth, 2)), b = as(kF32, random_numbers(kWidth, 3));
    std::vector<uint32_t> inputs{test.input(kF32, {tokens(), constant(kWidth)}, x),
                                 test.weight(kF32, {constant(kWidth)}, w), SIROCCO_NONE};
    if (biased) inputs[2] = test.weight(kF32, {constant(kWidth)}, b);
    const uint32_t out = test.graph.output(kF32, {tokens(), constant(kWidth)});
    test.graph.node("layer_norm", inputs, {out}, {test.graph.real("eps", 1e-3)});
    const Doubles y = test.run(five_tokens(), out);
    std::vector<long double> expected;
    for (size_t i = 0; i < x.size(); ++i) {
      long double mean = 0, variance = 0;
      for (size_t j = 0; j < kWidth; ++j) mean += x[i / kWidth * kWidth + j] / (0.0L + kWidth);
      for (size_t j = 0; j < kWidth; ++j)
        variance += std::pow(x[i / kWidth * kWidth + j] - mean, 2.0L) / kWidth;
      expected.push_back((x[i] - mean) / std::sqrt(variance + 1e-3L) * w[i % kWidth] +
                         (biased ? b[i % kWidth] : 0));
    }
    check_close(y, expected, 1e-6);
  }
}

TEST_CASE("softmax, large numbers included") {
  OneOp test;
  const uint32_t in =
      test.input(kF32, {tokens(), constant(4)}, {1, 2, 3, 4, 1000, 1000, -1e30, 999});
  const uint32_t out = test.graph.output(kF32, {tokens(), constant(4)});
  test.graph.node("softmax", {in}, {out}, {test.graph.number("axis", -1)});
  const Doubles y = test.run(Step({{0, 2, {0}}}, 16), out);
  const long double e = std::exp(1.0L), sum = 1 + e + e * e + e * e * e, tail = 2 + 1 / e;
  check_close(y,
              {1 / sum, e / sum, e * e / sum, e * e * e / sum, 1 / tail, 1 / tail, 0, 1 / e / tail},
              1e-7);
}

TEST_CASE("rope turns pairs by their angles, in both styles, partly or whole") {
  constexpr size_t kHeads = 2, kDim = 8;
  for (const bool interleaved : {true, false}) {
    for (const size_t rotary : {kDim, size_t{4}}) {
      OneOp test;
      const Doubles x = as(kF32, random_numbers(5 * kHeads * kDim, 1));
      const Doubles positions{0, 1, 2, 1000000, 7};
      const uint32_t in = test.input(kF32, {tokens(), constant(kHeads * kDim)}, x);
      const uint32_t at = test.input(kI32, {tokens()}, positions);
      const uint32_t out = test.graph.output(kF32, {tokens(), constant(kHeads * kDim)});
      Graph& graph = test.graph;
      graph.node("rope", {in, at}, {out},
                 {graph.real("theta", 10000), graph.number("head_dim", kDim),
                  graph.string("style", interleaved ? "interleaved" : "half"),
                  rotary == kDim ? graph.null("rotary_dim") : graph.number("rotary_dim", rotary)});
      const Doubles y = test.run(five_tokens(), out);
      std::vector<long double> expected(x.begin(), x.end());
      for (size_t t = 0; t < 5; ++t) {
        for (size_t h = 0; h < kHeads; ++h) {
          for (size_t j = 0; j < rotary / 2; ++j) {
            const size_t head = (t * kHeads + h) * kDim;
            const size_t a = head + (interleaved ? 2 * j : j);
            const size_t b = head + (interleaved ? 2 * j + 1 : j + rotary / 2);
            const long double angle =
                positions[t] * std::pow(10000.0L, -2.0L * static_cast<long double>(j) /
                                                      static_cast<long double>(rotary));
            expected[a] = x[a] * std::cos(angle) - x[b] * std::sin(angle);
            expected[b] = x[a] * std::sin(angle) + x[b] * std::cos(angle);
          }
        }
      }
      check_close(y, expected, 1e-6);
    }
  }
}

TEST_CASE("embedding looks rows up and refuses ids that are none") {
  OneOp test;
  const Doubles table = as(kBf16, random_numbers(10 * 3, 1));
  const uint32_t ids = test.graph.value(SIROCCO_VALUE_TOKENS, kI32, {tokens()});
  const uint32_t weight = test.weight(kBf16, {constant(10), constant(3)}, table);
  const uint32_t out = test.graph.output(kF32, {tokens(), constant(3)});
  test.graph.node("embedding", {ids, weight}, {out}, {test.graph.string("dtype", "f32")});
  test.program().set(ids, {9, 0, 3, 3, 5});
  const Doubles y = test.run(five_tokens(), out);
  const size_t chosen[] = {9, 0, 3, 3, 5};
  for (size_t i = 0; i < y.size(); ++i) REQUIRE(y[i] == table[chosen[i / 3] * 3 + i % 3]);
  for (const double bad : {10.0, -1.0, 2147483647.0}) {
    test.program().set(ids, {9, 0, bad, 3, 5});
    try {
      test.run(five_tokens(), out);
      FAIL("an id outside the vocabulary was looked up");
    } catch (const CallError& error) {
      REQUIRE(error.status() == SIROCCO_INVALID_ARGUMENT);
      REQUIRE(std::string(error.what()).find("test/embedding") != std::string::npos);
    }
  }
}

TEST_CASE("gather_rows copies chosen rows and refuses those that are none") {
  OneOp test;
  const Doubles x = as(kBf16, random_numbers(5 * 4, 1));
  const uint32_t in = test.input(kBf16, {tokens(), constant(4)}, x);
  const uint32_t wanted = test.graph.value(SIROCCO_VALUE_WANTED, kI32, {rows()});
  const uint32_t out = test.graph.output(kBf16, {rows(), constant(4)});
  test.graph.node("gather_rows", {in, wanted}, {out});
  test.program().set(wanted, {4, 0, 4});
  const Doubles y = test.run(five_tokens({4, 0, 4}), out);
  const size_t chosen[] = {4, 0, 4};
  for (size_t i = 0; i < y.size(); ++i) REQUIRE(y[i] == x[chosen[i / 4] * 4 + i % 4]);
  for (const double bad : {5.0, -1.0}) {
    test.program().set(wanted, {4, bad, 4});
    REQUIRE_THROWS_AS(test.run(five_tokens({4, 0, 4}), out), CallError);
  }
}

TEST_CASE("a step without wanted rows is fine") {
  OneOp test;
  const uint32_t in = test.input(kF32, {tokens(), constant(4)}, random_numbers(20, 1));
  const uint32_t wanted = test.graph.value(SIROCCO_VALUE_WANTED, kI32, {rows()});
  const uint32_t out = test.graph.output(kF32, {rows(), constant(4)});
  test.graph.node("gather_rows", {in, wanted}, {out});
  test.program().set(wanted, {});
  REQUIRE(test.run(five_tokens(), out).empty());
}

TEST_CASE("mean_pool averages each sequence, nothing to zero") {
  OneOp test;
  const Doubles x = as(kF32, random_numbers(8 * 3, 1));
  const uint32_t in = test.input(kF32, {tokens(), constant(3)}, x);
  const uint32_t out = test.graph.output(kF32, {seqs(), constant(3)});
  test.graph.node("mean_pool", {in}, {out});
  const Doubles y = test.run(Step({{0, 3, {0}}, {0, 2, {1}}}, 16, {}, {8, 3, 0}), out);
  for (size_t d = 0; d < 3; ++d) {
    REQUIRE(y[d] == Approx((x[d] + x[3 + d] + x[6 + d]) / 3));
    REQUIRE(y[3 + d] == Approx((x[9 + d] + x[12 + d]) / 2));
    REQUIRE(y[6 + d] == 0);
  }
}

TEST_CASE("reshape, slice and concat copy bits") {
  OneOp test;
  const Doubles x = as(kBf16, random_numbers(5 * 6, 1)), z = as(kBf16, random_numbers(5 * 4, 2));
  const uint32_t a = test.input(kBf16, {tokens(), constant(6)}, x);
  const uint32_t b = test.input(kBf16, {tokens(), constant(2), constant(2)}, z);
  const uint32_t folded = test.graph.internal(kBf16, {tokens(), constant(2), constant(3)});
  const uint32_t part = test.graph.internal(kBf16, {tokens(), constant(2), constant(2)});
  const uint32_t out = test.graph.output(kBf16, {tokens(), constant(2), constant(4)});
  test.graph.node("reshape", {a}, {folded});
  test.graph.node(
      "slice", {folded}, {part},
      {test.graph.number("axis", -1), test.graph.number("begin", 1), test.graph.number("end", 3)});
  test.graph.node("concat", {part, b}, {out}, {test.graph.number("axis", 2)});
  const Doubles y = test.run(five_tokens(), out);
  for (size_t t = 0; t < 5; ++t) {
    for (size_t i = 0; i < 2; ++i) {
      for (size_t j = 0; j < 4; ++j) {
        const double expected = j < 2 ? x[t * 6 + i * 3 + 1 + j] : z[t * 4 + i * 2 + j - 2];
        REQUIRE(y[t * 8 + i * 4 + j] == expected);
      }
    }
  }
}

TEST_CASE("top_k sorts, takes the lower index of equals, and NaN last") {
  OneOp test;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const uint32_t in =
      test.input(kF32, {tokens(), constant(6)}, {1, 5, 5, -2, 9, 5, nan, 0, nan, -1, 0, -HUGE_VAL});
  const uint32_t values = test.graph.output(kF32, {tokens(), constant(5)});
  const uint32_t indices = test.graph.output(kI32, {tokens(), constant(5)});
  test.graph.node("top_k", {in}, {values, indices}, {test.graph.number("k", 5)});
  const Doubles y = test.run(Step({{0, 2, {0}}}, 16), values);
  REQUIRE(test.program().get(indices) == Doubles{4, 1, 2, 5, 0, 1, 4, 3, 5, 0});
  REQUIRE(Doubles(y.begin(), y.begin() + 9) == Doubles{9, 5, 5, 5, 1, 0, 0, -1, -HUGE_VAL});
  REQUIRE(std::isnan(y[9]));
}
