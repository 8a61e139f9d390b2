#include <algorithm>
#include <cmath>
#include <optional>

#include "catch.hpp"
#include "reference_plugin.hpp"

using namespace harness;

namespace {

constexpr sirocco_dtype kF32 = SIROCCO_DTYPE_F32, kBf16 = SIROCCO_DTYPE_BF16;
constexpr int64_t kPage = 4, kPages = 12;

struct Shape {
  int64_t heads = 2, group = 3, k_dim = 5, v_dim = 4;
  int64_t q() const { return heads * group * k_dim; }
  int64_t k() const { return heads * k_dim; }
  int64_t v() const { return heads * v_dim; }
  int64_t y() const { return heads * group * v_dim; }
};

double as(sirocco_dtype dtype, double value) {
  std::byte memory[8];
  sirocco::sdk::store_doubles(memory, dtype, 0, 1, &value);
  sirocco::sdk::load_doubles(memory, dtype, 0, 1, &value);
  return value;
}

Doubles rows_of(const Doubles& all, int64_t width, int64_t first, int64_t n) {
  const auto begin = all.begin() + first * width;
  return Doubles(begin, begin + n * width);
}

/// Attention over one state, run step by step.
class Attention {
 public:
  explicit Attention(std::optional<int64_t> window = {}, std::optional<double> scale = {},
                     Options options = {}, sirocco_dtype state_dtype = kF32, uint32_t threads = 1)
      : test_(std::move(options), threads) {
    Graph& graph = test_.graph;
    sirocco_state state{};
    state.kind = SIROCCO_STATE_PAGED;
    state.page_tokens = kPage;
    state.heads = shape.heads;
    state.k_dim = shape.k_dim;
    state.v_dim = shape.v_dim;
    state.dtype = state_dtype;
    const int64_t index = graph.state(state);
    q_ = graph.input(kF32, {tokens(), constant(shape.q())});
    k_ = graph.input(kF32, {tokens(), constant(shape.k())});
    v_ = graph.input(kF32, {tokens(), constant(shape.v())});
    y_ = graph.output(kF32, {tokens(), constant(shape.y())});
    graph.node("attention", {q_, k_, v_}, {y_},
               {graph.state_ref("state", index),
                window ? graph.number("window", *window) : graph.null("window"),
                scale ? graph.real("scale", *scale) : graph.null("scale")});
    test_.program().create_state(kPages);
  }

  Doubles run(const Step& step, const Doubles& q, const Doubles& k, const Doubles& v) {
    test_.program().set(q_, q);
    test_.program().set(k_, k);
    test_.program().set(v_, v);
    return test_.run(step, y_);
  }
  OneOp& test() { return test_; }

  Shape shape;

 private:
  OneOp test_;
  uint32_t q_, k_, v_, y_;
};

/// One sequence's tokens, attended to by the definition.
struct Problem {
  Shape shape;
  int64_t n;
  Doubles q, k, v;

  Problem(int64_t tokens, uint32_t seed) : n(tokens) {
    q = numbers(shape.q(), seed);
    k = numbers(shape.k(), seed + 1);
    v = numbers(shape.v(), seed + 2);
  }
  Doubles numbers(int64_t width, uint32_t seed) const {
    Doubles made = random_numbers(static_cast<size_t>(n * width), seed);
    for (double& value : made) value = as(kF32, value);
    return made;
  }

  Doubles expected(int64_t window, double scale, sirocco_dtype state_dtype = kF32) const {
    Doubles y;
    for (int64_t t = 0; t < n; ++t) {
      for (int64_t h = 0; h < shape.heads * shape.group; ++h) {
        const int64_t g = h / shape.group;
        std::vector<long double> weights;
        long double sum = 0;
        const int64_t first = std::max<int64_t>(0, t - window + 1);
        for (int64_t j = first; j <= t; ++j) {
          long double product = 0;
          for (int64_t d = 0; d < shape.k_dim; ++d)
            product += static_cast<long double>(at(q, t * shape.q() + h * shape.k_dim + d)) *
                       as(state_dtype, at(k, j * shape.k() + g * shape.k_dim + d));
          weights.push_back(std::exp(scale * product));
          sum += weights.back();
        }
        for (int64_t d = 0; d < shape.v_dim; ++d) {
          long double value = 0;
          for (int64_t j = first; j <= t; ++j)
            value += weights[static_cast<size_t>(j - first)] / sum *
                     as(state_dtype, at(v, j * shape.v() + g * shape.v_dim + d));
          y.push_back(static_cast<double>(value));
        }
      }
    }
    return y;
  }
  static double at(const Doubles& list, int64_t index) { return list[static_cast<size_t>(index)]; }
};

void check_close(const Doubles& got, const Doubles& expected) {
  REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    REQUIRE(got[i] == Approx(expected[i]).epsilon(1e-6).margin(1e-7));
}

const std::vector<int32_t> kTable{7, 2, 9, 0, 5};  // pages in no order

}  // namespace

TEST_CASE("attention by the definition: causal, grouped, scaled") {
  const Problem problem(18, 1);
  Attention attention;
  const Doubles y = attention.run(Step({{0, 18, kTable}}, kPage), problem.q, problem.k, problem.v);
  check_close(y, problem.expected(1000, 1 / std::sqrt(5.0)));
  Attention scaled({}, 0.25);
  check_close(scaled.run(Step({{0, 18, kTable}}, kPage), problem.q, problem.k, problem.v),
              problem.expected(1000, 0.25));
}

TEST_CASE("a window sees that many keys, its own included") {
  const Problem problem(18, 4);
  for (const int64_t window : {1, 3, 8, 18, 100}) {
    Attention attention(window);
    check_close(attention.run(Step({{0, 18, kTable}}, kPage), problem.q, problem.k, problem.v),
                problem.expected(window, 1 / std::sqrt(5.0)));
  }
}

TEST_CASE("keys and values are rounded to the state's dtype") {
  const Problem problem(9, 5);
  Attention attention({}, {}, {}, kBf16);
  check_close(attention.run(Step({{0, 9, kTable}}, kPage), problem.q, problem.k, problem.v),
              problem.expected(1000, 1 / std::sqrt(5.0), kBf16));
}

TEST_CASE("chunks, companions, padding and threads change no bit") {
  const Problem problem(18, 7), other(6, 20);
  const Shape& shape = problem.shape;
  for (const Options& options : {Options{}, Options{{"host_visible", "false"}}}) {
    Attention whole_run(5, {}, options);
    const Doubles whole =
        whole_run.run(Step({{0, 18, kTable}}, kPage), problem.q, problem.k, problem.v);
    for (const int64_t chunk : {1, 7, 16}) {
      Attention attention(5, {}, options, kF32, 2);
      Doubles y;
      for (int64_t done = 0; done < 18; done += chunk) {
        const int64_t n = std::min<int64_t>(chunk, 18 - done);
        // A second sequence runs along with one token of its own, and null rows follow.
        const int64_t companion = std::min<int64_t>(done / chunk, 5);
        const Step step({{companion, 1, {3, 4}}, {done, n, kTable}}, kPage, {}, {n + 4, 4, 0});
        const auto join = [&](const Doubles& a, const Doubles& b, int64_t width) {
          Doubles joined = rows_of(a, width, companion, 1);
          const Doubles part = rows_of(b, width, done, n);
          joined.insert(joined.end(), part.begin(), part.end());
          joined.resize(static_cast<size_t>((n + 4) * width), 1e30);
          return joined;
        };
        const Doubles out =
            attention.run(step, join(other.q, problem.q, shape.q()),
                          join(other.k, problem.k, shape.k()), join(other.v, problem.v, shape.v()));
        const Doubles part = rows_of(out, shape.y(), 1, n);
        y.insert(y.end(), part.begin(), part.end());
        // Null rows give zeros.
        REQUIRE(rows_of(out, shape.y(), n + 1, 3) ==
                Doubles(static_cast<size_t>(3 * shape.y()), 0.0));
      }
      REQUIRE(y == whole);
    }
  }
}

TEST_CASE("pages that the window has passed may be gone") {
  const Problem problem(18, 7);
  const Shape& shape = problem.shape;
  Attention attention(5);
  attention.run(Step({{0, 16, kTable}}, kPage), rows_of(problem.q, shape.q(), 0, 16),
                rows_of(problem.k, shape.k(), 0, 16), rows_of(problem.v, shape.v(), 0, 16));
  std::vector<int32_t> table = kTable;
  table[0] = table[1] = table[2] = -1;
  const auto last = [&](const Doubles& all, int64_t width) { return rows_of(all, width, 16, 2); };
  const Doubles y = attention.run(Step({{16, 2, table}}, kPage), last(problem.q, shape.q()),
                                  last(problem.k, shape.k()), last(problem.v, shape.v()));
  check_close(y, last(problem.expected(5, 1 / std::sqrt(5.0)), shape.y()));
  // Within the window it may not: position 12 lies in block 3.
  table[3] = -1;
  Step broken({{16, 2, table}}, kPage);
  REQUIRE_THROWS_AS(attention.run(broken, last(problem.q, shape.q()), last(problem.k, shape.k()),
                                  last(problem.v, shape.v())),
                    CallError);
}

TEST_CASE("pages are copied, exported and imported") {
  const Problem problem(8, 11);
  const Shape& shape = problem.shape;
  for (const Options& options : {Options{}, Options{{"host_visible", "false"}}}) {
    Attention attention({}, {}, options);
    const Doubles whole =
        attention.run(Step({{0, 8, {0, 1}}}, kPage), problem.q, problem.k, problem.v);
    Backend& backend = attention.test().backend();
    sirocco_state_store* store = attention.test().program().store;
    const auto& api = backend.api;
    backend.check(api.state_copy(backend.handle, store, 0, 2, kPage, backend.error()));
    uint64_t bytes = 0;
    backend.check(api.state_export(backend.handle, store, 1, nullptr, &bytes, backend.error()));
    REQUIRE(bytes == static_cast<uint64_t>(kPage * (shape.k() + shape.v()) * 4));
    std::vector<std::byte> page(bytes);
    backend.check(api.state_export(backend.handle, store, 1, page.data(), &bytes, backend.error()));
    backend.check(api.state_import(backend.handle, store, 3, page.data(), bytes, backend.error()));
    // The last token again, over the copies.
    const Doubles y =
        attention.run(Step({{7, 1, {2, 3}}}, kPage), rows_of(problem.q, shape.q(), 7, 1),
                      rows_of(problem.k, shape.k(), 7, 1), rows_of(problem.v, shape.v(), 7, 1));
    REQUIRE(y == rows_of(whole, shape.y(), 7, 1));

    REQUIRE(api.state_copy(backend.handle, store, 0, kPages, 1, nullptr) ==
            SIROCCO_INVALID_ARGUMENT);
    REQUIRE(api.state_copy(backend.handle, store, 0, 1, kPage + 1, nullptr) ==
            SIROCCO_INVALID_ARGUMENT);
    REQUIRE(api.state_import(backend.handle, store, 0, page.data(), bytes - 1, nullptr) ==
            SIROCCO_INVALID_ARGUMENT);
    uint64_t small = bytes - 1;
    REQUIRE(api.state_export(backend.handle, store, 0, page.data(), &small, nullptr) ==
            SIROCCO_INVALID_ARGUMENT);
    REQUIRE(small == bytes);
    REQUIRE(api.state_truncate(backend.handle, store, nullptr, 0, 3, nullptr) == SIROCCO_OK);
    REQUIRE(api.state_snapshot(backend.handle, store, 0, 1, nullptr) == SIROCCO_UNSUPPORTED);
    REQUIRE(api.state_restore(backend.handle, store, 0, 1, nullptr) == SIROCCO_UNSUPPORTED);
  }
}
