// What `accepts` lets through is run as it is, so that every relation between shapes must be
// checked there: each of these nodes would run outside its buffers.

#include "catch.hpp"
#include "reference_plugin.hpp"

using namespace harness;

namespace {

constexpr sirocco_dtype kF32 = SIROCCO_DTYPE_F32, kI32 = SIROCCO_DTYPE_I32;

/// A graph with one node for each case; a case says what it changes of a node that is accepted.
class Claims {
 public:
  Claims() : backend_(reference_backend(), host_) {}

  using Types = std::vector<std::pair<sirocco_dtype, Dims>>;

  Verdict of(const std::string& op, const Types& inputs, const Types& outputs,
             const std::vector<sirocco_attr>& attrs = {}) {
    Graph graph;
    sirocco_state state{};
    state.kind = SIROCCO_STATE_PAGED;
    state.page_tokens = 4;
    state.heads = 2;
    state.k_dim = 3;
    state.v_dim = 5;
    state.dtype = kF32;
    graph.state(state);
    std::vector<uint32_t> in, out;
    for (const auto& [dtype, dims] : inputs) in.push_back(graph.input(dtype, dims));
    for (const auto& [dtype, dims] : outputs) out.push_back(graph.output(dtype, dims));
    graph.node(op, in, out, attrs);
    const std::vector<Verdict> verdicts = backend_.claim(graph.get());
    REQUIRE(verdicts.size() == 1);
    return verdicts[0];
  }
  void accepted(const std::string& op, const Types& inputs, const Types& outputs,
                const std::vector<sirocco_attr>& attrs = {}) {
    const Verdict verdict = of(op, inputs, outputs, attrs);
    CAPTURE(op, verdict.text);
    REQUIRE(verdict.verdict == SIROCCO_CLAIM_ACCEPTED);
  }
  void refused(const std::string& op, const Types& inputs, const Types& outputs,
               const std::vector<sirocco_attr>& attrs = {}) {
    const Verdict verdict = of(op, inputs, outputs, attrs);
    CAPTURE(op);
    REQUIRE(verdict.verdict != SIROCCO_CLAIM_ACCEPTED);
    REQUIRE(!verdict.text.empty());
  }

 private:
  Host host_;
  Backend backend_;
};

const std::pair<sirocco_dtype, Dims> kT4{kF32, {tokens(), constant(4)}},
    kT5{kF32, {tokens(), constant(5)}}, kS4{kF32, {seqs(), constant(4)}},
    kR4{kF32, {rows(), constant(4)}}, k4{kF32, {constant(4)}}, k5{kF32, {constant(5)}},
    kIds{kI32, {tokens()}}, kRows{kI32, {rows()}}, kInts{kI32, {tokens(), constant(4)}},
    kTwice{kF32, {tokens(2), constant(4)}}, kBlocks{SIROCCO_DTYPE_BLOCK, {constant(4)}};

}  // namespace

TEST_CASE("elementwise ops: shapes and dtypes") {
  Claims claims;
  for (const char* op : {"silu", "cast"}) {
    claims.accepted(op, {kT4}, {kT4});
    claims.refused(op, {kT4}, {kT5});
    claims.refused(op, {kT4}, {kTwice});
    claims.refused(op, {kInts}, {kInts});
    claims.refused(op, {kT4, kT4}, {kT4});
    claims.refused(op, {kT4}, {kT4, kT4});
    claims.refused(op, {}, {kT4});
    claims.refused(op, {kT4}, {});
  }
  for (const char* op : {"add", "mul"}) {
    claims.accepted(op, {kT4, kT4}, {kT4});
    claims.accepted(op, {kT4, k4}, {kT4});
    claims.refused(op, {kT4, k5}, {kT4});
    claims.refused(op, {k4, kT4}, {k4});
    claims.refused(op, {kT4, kTwice}, {kT4});
    claims.refused(op, {kT4, kBlocks}, {kT4});
  }
  claims.accepted("swiglu", {kT4, kT4}, {kT4});
  claims.refused("swiglu", {kT4, k4}, {kT4});
  Graph attrs;
  claims.accepted("gelu", {kT4}, {kT4}, {attrs.string("approximate", "tanh")});
  claims.refused("gelu", {kT4}, {kT4}, {attrs.string("approximate", "sigmoid")});
  claims.refused("gelu", {kT4}, {kT4});
}

TEST_CASE("row ops: shapes and dtypes") {
  Claims claims;
  Graph attrs;
  const std::vector<sirocco_attr> eps{attrs.real("eps", 1e-5)};
  for (const char* op : {"rms_norm", "layer_norm"}) {
    claims.accepted(op, {kT4, k4}, {kT4}, eps);
    claims.refused(op, {kT4, k5}, {kT4}, eps);
    claims.refused(op, {kT4, kT4}, {kT4}, eps);
    claims.refused(op, {kT4, k4}, {kT5}, eps);
    claims.refused(op, {kT4, k4}, {kT4});
  }
  claims.refused("layer_norm", {kT4, k4, k5}, {kT4}, eps);
  claims.accepted("softmax", {kT4}, {kT4}, {attrs.number("axis", 1)});
  claims.refused("softmax", {kT4}, {kT4}, {attrs.number("axis", 0)});
  claims.refused("softmax", {kT4}, {kT4}, {attrs.number("axis", 2)});
  claims.refused("softmax", {{kF32, {tokens()}}}, {{kF32, {tokens()}}}, {attrs.number("axis", 0)});

  const std::pair<sirocco_dtype, Dims> weight{kF32, {constant(5), constant(4)}};
  claims.accepted("linear", {kT4, weight}, {kT5});
  claims.accepted("linear", {kT4, weight, k5}, {kT5});
  claims.refused("linear", {kT5, weight}, {kT5});
  claims.refused("linear", {kT4, weight}, {kT4});
  claims.refused("linear", {kT4, weight}, {{kF32, {tokens(2), constant(5)}}});
  claims.refused("linear", {kT4, weight, k4}, {kT5});
  claims.refused("linear", {kT4, {kI32, {constant(5), constant(4)}}}, {kT5});
  claims.refused("linear", {kT4, {kF32, {tokens(), constant(4)}}}, {{kF32, {tokens(), tokens()}}});
}

TEST_CASE("look-ups and pooling: shapes and dtypes") {
  Claims claims;
  const std::pair<sirocco_dtype, Dims> table{kF32, {constant(9), constant(4)}};
  claims.accepted("embedding", {kIds, table}, {kT4});
  claims.refused("embedding", {kIds, table}, {kT5});
  claims.refused("embedding", {kIds, table}, {kTwice});
  claims.refused("embedding", {kInts, table}, {kT4});
  claims.refused("embedding", {{kF32, {tokens()}}, table}, {kT4});
  claims.accepted("gather_rows", {kT4, kRows}, {kR4});
  claims.refused("gather_rows", {kT4, kRows}, {kT4});
  claims.refused("gather_rows", {kT4, kRows}, {{kF32, {rows(), constant(5)}}});
  claims.refused("gather_rows", {kT4, kRows}, {{SIROCCO_DTYPE_F64, {rows(), constant(4)}}});
  claims.accepted("mean_pool", {kT4}, {kS4});
  claims.refused("mean_pool", {kT4}, {kR4});
  claims.refused("mean_pool", {kR4}, {kS4});
  Graph attrs;
  const std::pair<sirocco_dtype, Dims> best{kF32, {tokens(), constant(2)}},
      places{kI32, {tokens(), constant(2)}};
  claims.accepted("top_k", {kT4}, {best, places}, {attrs.number("k", 2)});
  claims.refused("top_k", {kT4}, {best, places}, {attrs.number("k", 3)});
  claims.refused("top_k", {kT4}, {kT5, {kI32, {tokens(), constant(5)}}}, {attrs.number("k", 5)});
  claims.refused("top_k", {kT4}, {best, best}, {attrs.number("k", 2)});
}

TEST_CASE("copies: shapes and dtypes") {
  Claims claims;
  Graph attrs;
  const std::pair<sirocco_dtype, Dims> folded{kF32, {tokens(), constant(2), constant(2)}};
  claims.accepted("reshape", {kT4}, {folded});
  claims.refused("reshape", {kT5}, {folded});
  claims.refused("reshape", {kTwice}, {folded});
  const auto range = [&](int64_t axis, int64_t begin, int64_t end) {
    return std::vector{attrs.number("axis", axis), attrs.number("begin", begin),
                       attrs.number("end", end)};
  };
  claims.accepted("slice", {kT5}, {kT4}, range(1, 1, 5));
  claims.refused("slice", {kT5}, {kT4}, range(1, 2, 6));
  claims.refused("slice", {kT5}, {kT4}, range(1, -1, 3));
  claims.refused("slice", {kT5}, {kT4}, range(1, 0, 5));
  claims.refused("slice", {kT5}, {kT5}, range(0, 0, 1));
  claims.refused("slice", {kT5}, {kT4}, range(2, 1, 5));
  claims.accepted("concat", {kT4, kT5}, {{kF32, {tokens(), constant(9)}}},
                  {attrs.number("axis", -1)});
  claims.refused("concat", {kT4, kT5}, {{kF32, {tokens(), constant(8)}}},
                 {attrs.number("axis", -1)});
  claims.refused("concat", {kT4, kTwice}, {{kF32, {tokens(), constant(8)}}},
                 {attrs.number("axis", -1)});
  claims.refused("concat", {kT4, kT4}, {{kF32, {tokens(2), constant(4)}}},
                 {attrs.number("axis", 0)});
}

TEST_CASE("rope and attention: shapes and dtypes") {
  Claims claims;
  Graph attrs;
  const auto rope = [&](int64_t head_dim, const char* style, sirocco_attr rotary) {
    return std::vector{attrs.real("theta", 1e4), attrs.number("head_dim", head_dim),
                       attrs.string("style", style), rotary};
  };
  const sirocco_attr null = attrs.null("rotary_dim");
  claims.accepted("rope", {kT4, kIds}, {kT4}, rope(2, "half", null));
  claims.refused("rope", {kT5, kIds}, {kT5}, rope(2, "half", null));
  claims.refused("rope", {kT4, kIds}, {kT4}, rope(2, "other", null));
  claims.refused("rope", {kT4, kIds}, {kT4}, rope(0, "half", null));
  claims.refused("rope", {kT4, kIds}, {kT4}, rope(4, "half", attrs.number("rotary_dim", 6)));
  claims.refused("rope", {kT4, kIds}, {kT4}, rope(4, "half", attrs.number("rotary_dim", 3)));
  claims.refused("rope", {kT4, kRows}, {kT4}, rope(2, "half", null));

  const auto row = [](int64_t n) {
    return std::pair<sirocco_dtype, Dims>{kF32, {tokens(), constant(n)}};
  };
  const auto attention = [&](sirocco_attr window) {
    return std::vector{attrs.state_ref("state", 0), window, attrs.null("scale")};
  };
  const sirocco_attr all = attrs.null("window");
  claims.accepted("attention", {row(12), row(6), row(10)}, {row(20)}, attention(all));
  claims.refused("attention", {row(12), row(6), row(10)}, {row(19)}, attention(all));
  claims.refused("attention", {row(11), row(6), row(10)}, {row(20)}, attention(all));
  claims.refused("attention", {row(12), row(3), row(10)}, {row(20)}, attention(all));
  claims.refused("attention", {row(12), row(6), row(6)}, {row(20)}, attention(all));
  claims.refused("attention", {row(12), row(6), row(10)}, {row(20)},
                 attention(attrs.number("window", 0)));
  claims.refused("attention", {row(12), row(6), row(10)}, {row(20)},
                 {attrs.state_ref("state", 1), all, attrs.null("scale")});
  claims.refused("attention", {kRows, row(6), row(10)}, {row(20)}, attention(all));
  claims.refused("attention", {{kF32, {rows(), constant(12)}}, row(6), row(10)},
                 {{kF32, {rows(), constant(20)}}}, attention(all));
}

TEST_CASE("an op of another version or domain is unknown") {
  Claims claims;
  REQUIRE(claims.of("sort", {kT4}, {kT4}).reason == SIROCCO_REASON_UNKNOWN_OP);
}
