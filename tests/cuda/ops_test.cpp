// Each op on its own and in the groups that run as one, in shapes that models do not have, against
// the reference backend; and nothing that the emulator reports.

#include "catch.hpp"

#include <cmath>

#include "cuda/compare.hpp"
#include "unit/sdk/sample_cases.hpp"

using namespace harness;
using namespace cuda_test;

namespace {

std::vector<int32_t> pages(int32_t first, int32_t n) {
  std::vector<int32_t> list;
  for (int32_t i = 0; i < n; ++i) list.push_back(first + n - 1 - i);
  return list;
}

/// So many tokens of one sequence.
Step tokens_step(int64_t n) {
  return Step({{0, n, pages(0, 16)}}, 16, {0});
}

}  // namespace

TEST_CASE("elementwise ops, repeated over rows and cast between dtypes") {
  for (const sirocco_dtype dtype : kTypes) {
    for (const std::string op : {"add", "mul", "swiglu", "silu"}) {
      INFO(op << ", dtype " << dtype);
      Graph graph;
      const bool unary = op == "silu", broadcast = op == "add" || op == "mul";
      const uint32_t a = graph.input(dtype, {tokens(), constant(3), constant(37)});
      std::vector<uint32_t> inputs{a};
      Inputs data{{a, random_numbers(5 * 111, 1)}};
      if (!unary) {
        const uint32_t b = broadcast ? graph.input(dtype, {constant(3), constant(37)})
                                     : graph.input(dtype, {tokens(), constant(3), constant(37)});
        inputs.push_back(b);
        data[b] = random_numbers(broadcast ? 111 : 5 * 111, 2);
      }
      graph.node(op, inputs, {graph.output(dtype, {tokens(), constant(3), constant(37)})});
      compare(graph, data, {tokens_step(5)}, dtype);
    }
    Graph graph;
    const uint32_t x = graph.input(dtype, {tokens(), constant(9)});
    graph.node("cast", {x}, {graph.output(SIROCCO_DTYPE_F16, {tokens(), constant(9)})});
    compare(graph, {{x, random_numbers(27, 3)}}, {tokens_step(3)}, SIROCCO_DTYPE_F16);
  }
}

TEST_CASE("ops on rows: softmax, rms_norm, gather_rows, reshape, embedding") {
  for (const sirocco_dtype dtype : kTypes) {
    Graph graph;
    const uint32_t x = graph.input(dtype, {tokens(), constant(300)});
    const uint32_t weight = graph.weight(SIROCCO_DTYPE_BF16, {constant(300)});
    const uint32_t wanted = graph.value(SIROCCO_VALUE_WANTED, SIROCCO_DTYPE_I32, {rows()});
    const uint32_t ids = graph.value(SIROCCO_VALUE_TOKENS, SIROCCO_DTYPE_I32, {tokens()});
    const uint32_t table = graph.weight(SIROCCO_DTYPE_F16, {constant(7), constant(33)});
    graph.node("softmax", {x}, {graph.output(dtype, {tokens(), constant(300)})},
               {graph.number("axis", -1)});
    const uint32_t normed = graph.output(dtype, {tokens(), constant(300)});
    graph.node("rms_norm", {x, weight}, {normed}, {graph.real("eps", 1e-5)});
    graph.node("gather_rows", {normed, wanted}, {graph.output(dtype, {rows(), constant(300)})});
    graph.node("reshape", {x}, {graph.output(dtype, {tokens(), constant(3), constant(100)})});
    graph.node("embedding", {ids, table}, {graph.output(dtype, {tokens(), constant(33)})});
    Step step({{0, 6, pages(0, 16)}}, 16, {5, 0, 3});
    for (int i = 0; i < 6; ++i) step.list(SIROCCO_STEP_OFF_TOKENS)[i] = (i * 5) % 7;
    compare(graph,
            {{x, random_numbers(1800, 1)},
             {weight, random_numbers(300, 2)},
             {table, random_numbers(231, 3)}},
            {step}, dtype);
  }
}

TEST_CASE("products of few and many rows, of every mix of dtypes and of odd sizes") {
  for (const sirocco_dtype dtype : kTypes) {
    for (const sirocco_dtype of_weight : kTypes) {
      for (const int64_t k : {72, 35}) {
        for (const int64_t n_tokens : {1, 3, 8, 9, 21}) {
          INFO("dtypes " << dtype << " and " << of_weight << ", k " << k << ", " << n_tokens);
          Graph graph;
          const uint32_t x = graph.input(dtype, {tokens(), constant(k)});
          const uint32_t norm = graph.weight(of_weight, {constant(k)});
          const uint32_t first = graph.weight(of_weight, {constant(75), constant(k)});
          const uint32_t second = graph.weight(SIROCCO_DTYPE_F32, {constant(12), constant(k)});
          const uint32_t bias = graph.weight(of_weight, {constant(75)});
          const uint32_t normed = graph.internal(dtype, {tokens(), constant(k)});
          graph.node("rms_norm", {x, norm}, {normed}, {graph.real("eps", 1e-5)});
          graph.node("linear", {normed, first, bias},
                     {graph.output(dtype, {tokens(), constant(75)})});
          graph.node("linear", {normed, second, SIROCCO_NONE},
                     {graph.output(dtype, {tokens(), constant(12)})});
          const auto size = [&](int64_t rows_of) { return static_cast<size_t>(rows_of * k); };
          compare(graph,
                  {{x, random_numbers(size(n_tokens), 1)},
                   {norm, random_numbers(size(1), 2)},
                   {first, random_numbers(size(75), 3)},
                   {second, random_numbers(size(12), 4)},
                   {bias, random_numbers(75, 5)}},
                  {tokens_step(n_tokens)}, dtype);
        }
      }
    }
  }
}

namespace {

struct Attention {
  int64_t heads, group, k_dim, v_dim;
  int64_t window = 0;  ///< 0: all
  sirocco_dtype state = SIROCCO_DTYPE_F32;
};

/// Keys and values are the node's inputs, not another node's, so that they are appended by itself.
void attend(const Attention& a, sirocco_dtype dtype, const std::vector<Step>& steps) {
  INFO(a.heads << " heads of " << a.k_dim << " and " << a.v_dim << ", group " << a.group
               << ", window " << a.window << ", dtypes " << dtype << " and " << a.state);
  Graph graph;
  const auto width = [&](int64_t n) { return Dims{tokens(), constant(n)}; };
  const uint32_t q = graph.input(dtype, width(a.heads * a.group * a.k_dim));
  const uint32_t k = graph.input(dtype, width(a.heads * a.k_dim));
  const uint32_t v = graph.input(dtype, width(a.heads * a.v_dim));
  sirocco_state state{};
  state.kind = SIROCCO_STATE_PAGED;
  state.page_tokens = 16;
  state.window = a.window;
  state.heads = a.heads;
  state.k_dim = a.k_dim;
  state.v_dim = a.v_dim;
  state.dtype = a.state;
  const int64_t index = graph.state(state);
  graph.node(
      "attention", {q, k, v}, {graph.output(dtype, width(a.heads * a.group * a.v_dim))},
      {graph.state_ref("state", index),
       a.window ? graph.number("window", a.window) : graph.null("window"), graph.null("scale")});
  const auto most = [](int64_t columns) { return static_cast<size_t>(64 * columns); };
  compare(graph,
          {{q, random_numbers(most(a.heads * a.group * a.k_dim), 1)},
           {k, random_numbers(most(a.heads * a.k_dim), 2)},
           {v, random_numbers(most(a.heads * a.v_dim), 3)}},
          steps, a.state == SIROCCO_DTYPE_F32 ? dtype : std::max(dtype, a.state));
}

/// A long prompt in parts, another sequence beside it, single tokens at a depth that is split.
std::vector<Step> growing() {
  const auto a = pages(0, 12), b = pages(12, 4);
  return {Step({{0, 40, a}}, 16, {0}), Step({{40, 40, a}, {0, 9, b}}, 16, {0}),
          Step({{80, 60, a}, {9, 2, b}}, 16, {0}),
          Step({{140, 1, a}, {11, 1, b}}, 16, {0}, {4, 3, 1}), Step({{141, 3, a}}, 16, {0})};
}

}  // namespace

TEST_CASE("attention over heads, groups, windows and dtypes, whole, in parts and split") {
  for (const sirocco_dtype dtype : kTypes) {
    attend({.heads = 2, .group = 1, .k_dim = 64, .v_dim = 64, .state = dtype}, dtype, growing());
    attend({.heads = 1, .group = 3, .k_dim = 128, .v_dim = 128, .window = 50, .state = dtype},
           dtype, growing());
    attend({.heads = 1, .group = 12, .k_dim = 16, .v_dim = 16, .state = dtype}, dtype, growing());
    attend({.heads = 2, .group = 2, .k_dim = 40, .v_dim = 40, .state = SIROCCO_DTYPE_BF16}, dtype,
           growing());
    attend({.heads = 1, .group = 2, .k_dim = 20, .v_dim = 36, .window = 7, .state = dtype}, dtype,
           growing());
    attend({.heads = 1, .group = 1, .k_dim = 256, .v_dim = 256, .state = dtype}, dtype, growing());
  }
}

TEST_CASE("rope on its own, in both styles and for a part of the head") {
  for (const std::string style : {"half", "interleaved"}) {
    for (const int64_t rotary : {24, 10}) {
      Graph graph;
      const uint32_t x = graph.input(SIROCCO_DTYPE_F32, {tokens(), constant(72)});
      const uint32_t at = graph.value(SIROCCO_VALUE_POSITIONS, SIROCCO_DTYPE_I32, {tokens()});
      graph.node("rope", {x, at}, {graph.output(SIROCCO_DTYPE_F32, {tokens(), constant(72)})},
                 {graph.string("style", style), graph.number("head_dim", 24),
                  graph.number("rotary_dim", rotary), graph.real("theta", 10000.0)});
      compare(graph, {{x, random_numbers(6 * 72, 1)}}, {Step({{200, 6, pages(0, 16)}}, 16, {0})},
              SIROCCO_DTYPE_F32);
    }
  }
}

TEST_CASE("sample: the reference's choice wherever rounding leaves no doubt") {
  constexpr uint32_t kRows = 64;
  size_t unclear = 0, total = 0;
  for (const sirocco_dtype dtype : kTypes) {
    for (const int64_t vocabulary : {1, 37, 700, 1100}) {
      for (uint32_t batch = 0; batch < (dtype == SIROCCO_DTYPE_F32 ? 2 : 1); ++batch) {
        Graph graph;
        const uint32_t x = graph.input(dtype, {rows(), constant(vocabulary)});
        const uint32_t records = graph.value(SIROCCO_VALUE_SAMPLING, SIROCCO_DTYPE_I32,
                                             {rows(), constant(SIROCCO_SAMPLING_INTS)});
        graph.node("sample", {x, records}, {graph.output(SIROCCO_DTYPE_I32, {rows()})});
        std::vector<SampleCase> cases;
        Inputs data;
        for (uint32_t row = 0; row < kRows; ++row) {
          cases.push_back(sample_case(dtype, vocabulary,
                                      5000 + row + 100 * batch + static_cast<uint32_t>(dtype)));
          const Doubles ints = ints_of(cases.back().record);
          data[records].insert(data[records].end(), ints.begin(), ints.end());
          data[x].insert(data[x].end(), cases.back().logits.begin(), cases.back().logits.end());
        }
        const std::vector<Step> steps{
            Step({{0, 1, pages(0, 16)}}, 16, std::vector<int32_t>(kRows, 0))};
        cuda_emulation::reset(batch);
        const Doubles expected = run(cuda_test::reference(), graph, data, steps)[0];
        const bool graphs = batch % 2;
        const Doubles got = run(cuda_test::emulated(), graph, data, steps,
                                {{"graphs", graphs ? "true" : "false"}}, graphs ? 2 : 1)[0];
        REQUIRE(got.size() == kRows);
        for (uint32_t row = 0; row < kRows; ++row) {
          CAPTURE(dtype, vocabulary, batch, row);
          const auto answers = SampleJudge::answers(cases[row]);
          CHECK(answers.contains(static_cast<int32_t>(got[row])));
          if (answers.size() == 1) CHECK(got[row] == expected[row]);
          unclear += answers.size() > 1;
          ++total;
        }
        for (const auto& violation : cuda_emulation::violations()) FAIL_CHECK(violation.text);
      }
    }
  }
  CHECK(total == 4 * 4 * kRows);
  CHECK(unclear < total / 50);
}

TEST_CASE("sample: no token where the logits are no distribution, the best for a record of zeros") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<Doubles> logits = {{0, NAN, 1},
                                       {0, kInfinity, 1},
                                       {-kInfinity, -kInfinity, -kInfinity},
                                       {-kInfinity, -40, -kInfinity},
                                       {-0.0, 0, -1}};
  for (const double temperature : {0.0, 1.0}) {
    Graph graph;
    const uint32_t x = graph.input(SIROCCO_DTYPE_F32, {rows(), constant(3)});
    const uint32_t records =
        graph.value(SIROCCO_VALUE_SAMPLING, SIROCCO_DTYPE_I32, {rows(), constant(14)});
    graph.node("sample", {x, records}, {graph.output(SIROCCO_DTYPE_I32, {rows()})});
    Inputs data;
    for (const Doubles& row : logits) {
      data[x].insert(data[x].end(), row.begin(), row.end());
      Doubles ints = ints_of({.temperature = temperature, .top_k = 1});
      ints.resize(14, 77);
      data[records].insert(data[records].end(), ints.begin(), ints.end());
    }
    const std::vector<Step> steps{Step({{0, 1, pages(0, 16)}}, 16, {0, 0, 0, 0, 0})};
    CHECK(run(cuda_test::emulated(), graph, data, steps)[0] == Doubles{-1, -1, -1, 1, 0});
  }
}
