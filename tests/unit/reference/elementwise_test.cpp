#include <cmath>
#include <numbers>

#include "catch.hpp"
#include "reference_plugin.hpp"

using namespace harness;

namespace {

constexpr sirocco_dtype kFloats[] = {SIROCCO_DTYPE_F32, SIROCCO_DTYPE_F16, SIROCCO_DTYPE_BF16,
                                     SIROCCO_DTYPE_F64};

/// What storing in that dtype makes of a number.
double rounded(double value, sirocco_dtype dtype) {
  std::byte memory[8];
  sirocco::sdk::store_doubles(memory, dtype, 0, 1, &value);
  sirocco::sdk::load_doubles(memory, dtype, 0, 1, &value);
  return value;
}

Doubles rounded(Doubles values, sirocco_dtype dtype) {
  for (double& value : values) value = rounded(value, dtype);
  return values;
}

Step five_tokens() {
  return Step({{0, 3, {0}}, {0, 2, {1}}}, 16);
}

/// y = f(x) for one op without weights, in every dtype; exact but for f64.
template <class Function>
void check_unary(const std::string& op, std::vector<sirocco_attr> (*attrs)(Graph&), Function f) {
  for (const sirocco_dtype dtype : kFloats) {
    OneOp test;
    const Doubles x = rounded(random_numbers(5 * 300, 3), dtype);
    const uint32_t in = test.input(dtype, {tokens(), constant(300)}, x);
    const uint32_t out = test.graph.output(dtype, {tokens(), constant(300)});
    test.graph.node(op, {in}, {out}, attrs(test.graph));
    const Doubles y = test.run(five_tokens(), out);
    REQUIRE(y.size() == x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      if (dtype == SIROCCO_DTYPE_F64) {
        REQUIRE(y[i] == Approx(f(x[i])).epsilon(1e-10));
      } else {
        REQUIRE(y[i] == rounded(f(x[i]), dtype));
      }
    }
  }
}

std::vector<sirocco_attr> no_attrs(Graph&) {
  return {};
}

}  // namespace

TEST_CASE("silu") {
  check_unary("silu", no_attrs, [](double x) { return x * (1 / (1 + std::exp(-x))); });
}

TEST_CASE("gelu, exact and by tanh") {
  check_unary(
      "gelu", [](Graph& graph) { return std::vector{graph.string("approximate", "none")}; },
      [](double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); });
  check_unary(
      "gelu", [](Graph& graph) { return std::vector{graph.string("approximate", "tanh")}; },
      [](double x) {
        return 0.5 * x *
               (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * std::pow(x, 3))));
      });
}

TEST_CASE("silu of what overflows stays finite or infinite, never NaN") {
  OneOp test;
  const uint32_t in =
      test.input(SIROCCO_DTYPE_F32, {tokens(), constant(4)}, {-1e30, 1e30, -1000, 1000});
  const uint32_t out = test.graph.output(SIROCCO_DTYPE_F32, {tokens(), constant(4)});
  test.graph.node("silu", {in}, {out});
  const Doubles y = test.run(Step({{0, 1, {0}}}, 16), out);
  REQUIRE(y[0] == 0);
  REQUIRE(y[1] == rounded(1e30, SIROCCO_DTYPE_F32));
  REQUIRE(y[2] == 0);
  REQUIRE(y[3] == 1000);
}

TEST_CASE("add and mul repeat b over a's leading dimensions") {
  for (const sirocco_dtype dtype : kFloats) {
    for (const bool add : {true, false}) {
      OneOp test;
      const Doubles a = rounded(random_numbers(5 * 3 * 7, 1), dtype);
      const Doubles b = rounded(random_numbers(3 * 7, 2), SIROCCO_DTYPE_BF16);
      const uint32_t left = test.input(dtype, {tokens(), constant(3), constant(7)}, a);
      const uint32_t right = test.weight(SIROCCO_DTYPE_BF16, {constant(3), constant(7)}, b);
      const uint32_t out = test.graph.output(dtype, {tokens(), constant(3), constant(7)});
      test.graph.node(add ? "add" : "mul", {left, right}, {out});
      const Doubles y = test.run(five_tokens(), out);
      for (size_t i = 0; i < a.size(); ++i) {
        const double other = b[i % b.size()];
        REQUIRE(y[i] == rounded(add ? a[i] + other : a[i] * other, dtype));
      }
    }
  }
}

TEST_CASE("swiglu rounds once") {
  OneOp test;
  const Doubles gate = rounded(random_numbers(5 * 400, 1), SIROCCO_DTYPE_BF16);
  const Doubles up = rounded(random_numbers(5 * 400, 2), SIROCCO_DTYPE_BF16);
  const uint32_t g = test.input(SIROCCO_DTYPE_BF16, {tokens(), constant(400)}, gate);
  const uint32_t u = test.input(SIROCCO_DTYPE_BF16, {tokens(), constant(400)}, up);
  const uint32_t out = test.graph.output(SIROCCO_DTYPE_BF16, {tokens(), constant(400)});
  test.graph.node("swiglu", {g, u}, {out});
  const Doubles y = test.run(five_tokens(), out);
  for (size_t i = 0; i < y.size(); ++i)
    REQUIRE(y[i] == rounded(gate[i] / (1 + std::exp(-gate[i])) * up[i], SIROCCO_DTYPE_BF16));
}

TEST_CASE("cast takes every float dtype to every other") {
  for (const sirocco_dtype from : kFloats) {
    for (const sirocco_dtype to : kFloats) {
      OneOp test;
      Doubles x = random_numbers(5 * 100, 9);
      x[0] = 1e6;  // beyond f16
      x[1] = 1e-9;
      x = rounded(x, from);
      const uint32_t in = test.input(from, {tokens(), constant(100)}, x);
      const uint32_t out = test.graph.output(to, {tokens(), constant(100)});
      test.graph.node("cast", {in}, {out}, {test.graph.string("dtype", "whatever")});
      const Doubles y = test.run(five_tokens(), out);
      for (size_t i = 0; i < x.size(); ++i) REQUIRE(y[i] == rounded(x[i], to));
    }
  }
}
