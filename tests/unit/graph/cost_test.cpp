#include "catch.hpp"
#include "graph_builders.hpp"

using namespace sirocco;
using namespace sirocco::test;

TEST_CASE("linear costs two FLOPs a weight and row") {
  GraphBuilder b;
  const ValueId x = b.value("x", f32({kT, c(4)}), SIROCCO_VALUE_INPUT);
  b.node(builtin("linear"), {x, b.weight("w", bf16({c(6), c(4)}))});
  const Cost cost = b.cost(0, {.tokens = 3});
  CHECK(cost.flops == 2 * 3 * 4 * 6);
  CHECK(cost.bytes == 3 * 4 * 4 + 6 * 4 * 2 + 3 * 6 * 4);
  b.node(builtin("linear"), {x, b.weight("v", f32({c(6), c(4)})), b.weight("b", f32({c(6)}))});
  CHECK(b.cost(1, {.tokens = 3}).flops == 2 * 3 * 4 * 6 + 3 * 6);
}

TEST_CASE("a value read twice counts once, and an absent input not at all") {
  GraphBuilder b;
  const ValueId x = b.value("x", f32({kT, c(4)}), SIROCCO_VALUE_INPUT);
  b.node(builtin("mul"), {x, x});
  CHECK(b.cost(0, {.tokens = 2}).bytes == 2 * (2 * 4 * 4));
  b.node(builtin("linear"), {x, b.weight("w", f32({c(1), c(4)})), kNone});
  CHECK(b.cost(1, {.tokens = 2}).flops == 2 * 2 * 4);
}

TEST_CASE("embedding reads the rows it looks up, at most all of them") {
  GraphBuilder b;
  b.node(builtin("embedding"),
         {b.value("tokens", i32({kT}), SIROCCO_VALUE_TOKENS), b.weight("w", f32({c(5), c(4)}))});
  CHECK(b.cost(0, {.tokens = 2}).bytes == 2 * 4 + 2 * 16 + 2 * 16);
  CHECK(b.cost(0, {.tokens = 9}).bytes == 9 * 4 + 5 * 16 + 9 * 16);
}

TEST_CASE("gather_rows and slice read what they copy") {
  GraphBuilder b;
  const ValueId x = b.value("x", f32({kT, c(4)}), SIROCCO_VALUE_INPUT);
  b.node(builtin("gather_rows"), {x, b.value("wanted", i32({kR}), SIROCCO_VALUE_WANTED)});
  CHECK(b.cost(0, {.tokens = 10, .rows = 2}).bytes == 2 * 4 + 2 * (2 * 16));
  b.node(builtin("slice"), {x}, {{"axis", int64_t{1}}, {"begin", int64_t{0}}, {"end", int64_t{1}}});
  CHECK(b.cost(1, {.tokens = 10}).bytes == 2 * (10 * 4));
}

TEST_CASE("ops that only move data cost no FLOPs") {
  GraphBuilder b;
  b.node(builtin("cast"), {b.value("x", f32({kT, c(4)}), SIROCCO_VALUE_INPUT)},
         {{"dtype", "bf16"}});
  const Cost cost = b.cost(0, {.tokens = 3});
  CHECK(cost.flops == 0);
  CHECK(cost.bytes == 3 * 4 * 4 + 3 * 4 * 2);
}

namespace {

/// One attention of 4 query and 2 key heads of 8, over a bf16 state.
struct AttentionCost {
  GraphBuilder b;
  explicit AttentionCost(AttrValue window) {
    b.graph.groups.push_back({.name = "kv", .dtype = SIROCCO_DTYPE_BF16});
    b.graph.states.push_back({.name = "kv[0]", .heads = 2, .k_dim = 8, .v_dim = 8});
    const ValueId q = b.value("q", f32({kT, c(32)}), SIROCCO_VALUE_INPUT);
    const ValueId k = b.value("k", f32({kT, c(16)}), SIROCCO_VALUE_INPUT);
    const ValueId v = b.value("v", f32({kT, c(16)}), SIROCCO_VALUE_INPUT);
    b.node(builtin("attention"), {q, k, v}, {{"state", StateRef{0}}, {"window", window}});
  }
  static constexpr double kPairFlops = 4 * (2 * 16 + 5);  ///< of all query heads
  static constexpr double kEntryBytes = 2 * 16 * 2;
  static constexpr double kRowBytes = 4 * (32 + 16 + 16 + 32);
};

}  // namespace

TEST_CASE("attention costs what its tokens see") {
  const AttentionCost full{std::monostate{}};
  // One token that sees 100 positions, its own included.
  Cost cost = full.b.cost(0, {.tokens = 1, .seqs = 1}, 100);
  CHECK(cost.flops == Approx(100 * AttentionCost::kPairFlops));
  CHECK(cost.bytes == Approx(AttentionCost::kRowBytes + 101 * AttentionCost::kEntryBytes));
  // A whole prompt: 1 + 2 + … + 10 pairs.
  cost = full.b.cost(0, {.tokens = 10, .seqs = 1}, 10);
  CHECK(cost.flops == Approx(55 * AttentionCost::kPairFlops));
  // Two sequences of five new tokens, at positions 5 to 9.
  cost = full.b.cost(0, {.tokens = 10, .seqs = 2}, 10);
  CHECK(cost.flops == Approx(2 * (6 + 7 + 8 + 9 + 10) * AttentionCost::kPairFlops));
  // Without a context the step's own tokens are what there is.
  CHECK(full.b.cost(0, {.tokens = 10, .seqs = 1}).flops == Approx(55 * AttentionCost::kPairFlops));
}

TEST_CASE("a window bounds attention's cost") {
  const AttentionCost windowed{int64_t{4}};
  Cost cost = windowed.b.cost(0, {.tokens = 1, .seqs = 1}, 100);
  CHECK(cost.flops == Approx(4 * AttentionCost::kPairFlops));
  CHECK(cost.bytes == Approx(AttentionCost::kRowBytes + 5 * AttentionCost::kEntryBytes));
  cost = windowed.b.cost(0, {.tokens = 10, .seqs = 1}, 10);
  CHECK(cost.flops == Approx((1 + 2 + 3 + 4 * 7) * AttentionCost::kPairFlops));
}
