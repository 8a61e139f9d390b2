#include <algorithm>
#include <cmath>

#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {
namespace {

int64_t product(const InferContext& context, int64_t a, int64_t b) {
  const auto result = checked_product(a, b);
  context.require(result.has_value(), "the state's heads and sizes overflow 64 bits");
  return *result;
}

void check_window(const InferContext& context, const StateMember& state) {
  const bool full = context.attr_is_null("window");
  const int64_t window = full ? 0 : context.attr_int("window");
  context.require(full || window > 0, "window must be above 0, or null");
  const StateGroup* group = context.attr_state_group("state");
  if (!group) return;
  const std::string kept = "state " + state.name + " keeps " +
                           (group->window ? std::to_string(group->window) : "all") + " positions";
  context.require(group->kind == SIROCCO_STATE_PAGED, "state " + state.name + " is not paged");
  context.require(
      group->window == 0 || (!full && window <= group->window),
      kept + ", fewer than a window of " + (full ? "null (all)" : std::to_string(window)));
}

void check_scale(const InferContext& context) {
  if (context.attr_is_null("scale")) return;
  context.require(std::isfinite(context.attr_float("scale")), "scale must be finite");
}

std::vector<TensorType> infer(const InferContext& context) {
  for (const size_t index : {0, 1, 2}) {
    context.require_float(index, 2);
    require_rows_are_tokens(context, index);
    context.require(context.input(index)->dtype == context.input(0)->dtype,
                    "q, k and v must have one dtype");
  }
  const StateMember& state = context.attr_state("state");
  context.require(state.heads > 0 && state.k_dim > 0 && state.v_dim > 0,
                  "state " + state.name + " holds no keys and values");
  const std::string heads = std::to_string(state.heads) + " heads of state " + state.name;
  const int64_t q = constant_extent(context, 0, 1);
  const int64_t k = constant_extent(context, 1, 1);
  const int64_t v = constant_extent(context, 2, 1);
  context.require(
      k == product(context, state.heads, state.k_dim),
      "rows of k must hold the " + heads + ", " + std::to_string(state.k_dim) + " elements each");
  context.require(
      v == product(context, state.heads, state.v_dim),
      "rows of v must hold the " + heads + ", " + std::to_string(state.v_dim) + " elements each");
  context.require(q % k == 0, "rows of q must hold a multiple of the " + heads + ", " +
                                  std::to_string(state.k_dim) + " elements each");
  check_window(context, state);
  check_scale(context);
  TensorType output = *context.input(0);
  output.shape[1] = Dim::constant(product(context, q / state.k_dim, state.v_dim));
  return {output};
}

/// Keys seen by the queries at positions 0 to n - 1 together, at most `window` each.
double keys_seen(double n, double window) {
  if (n <= window) return n * (n + 1) / 2;
  return window * (window + 1) / 2 + (n - window) * window;
}

Cost cost(const CostContext& context) {
  const auto* state = std::get_if<StateRef>(context.node.find_attr("state"));
  const auto* window = std::get_if<int64_t>(context.node.find_attr("window"));
  const StateMember& member = context.graph.states[state->index];
  const StateGroup& group = context.graph.groups[member.group];
  const double seqs = static_cast<double>(std::max<int64_t>(context.extents.seqs, 1));
  const double fresh = static_cast<double>(context.extents.tokens) / seqs;
  const double held = std::max(static_cast<double>(context.context), fresh);
  const double reach = window ? static_cast<double>(*window) : held;
  const double heads = elements_of(context, context.node.inputs[0]) /
                       (static_cast<double>(std::max<int64_t>(context.extents.tokens, 1)) *
                        static_cast<double>(member.k_dim));
  const double pairs = seqs * (keys_seen(held, reach) - keys_seen(held - fresh, reach));
  const double sizes = static_cast<double>(member.k_dim + member.v_dim);
  // Every key in reach of a new token is read once, every new one written once.
  const double entries = seqs * (std::min(held, reach + fresh - 1) + fresh);
  const double entry_bytes =
      static_cast<double>(member.heads) * sizes * static_cast<double>(dtype_bytes(group.dtype));
  // A pair costs a multiplication and an addition per element of key and value, and its softmax.
  return {.flops = heads * pairs * (2 * sizes + 5),
          .bytes = value_bytes(context) + entries * entry_bytes};
}

std::vector<AttrSpec> attrs() {
  return {{.name = "state", .type = SIROCCO_ATTR_STATE, .doc = "where keys and values are kept"},
          {.name = "window",
           .type = SIROCCO_ATTR_INT,
           .fallback = std::monostate{},
           .doc = "keys a query may see, its own included; at most what the state keeps; null: all",
           .nullable = true},
          {.name = "scale",
           .type = SIROCCO_ATTR_FLOAT,
           .fallback = std::monostate{},
           .doc = "factor of the products; null: 1/sqrt(k_dim)",
           .nullable = true}};
}

}  // namespace

OpDef attention() {
  return {
      .name = "attention",
      .doc = "Causal grouped-query attention over a paged state, to which it appends.",
      .formula =
          "Appends the rows of k and v to the state at their tokens' positions. Then, for the "
          "token at position p of its sequence and query head h, with key head g = "
          "h / (Hq/Hkv) (rounded down):\n"
          "  s[j] = scale * dot(q[t, h], K[j, g]), for positions j in (p - window, p]\n"
          "  y[t, h] = sum_j softmax(s)[j] * V[j, g]\n"
          "q [T, Hq*k_dim], k [T, Hkv*k_dim], v [T, Hkv*v_dim], y [T, Hq*v_dim]; Hkv, k_dim "
          "and v_dim are the state's. Null rows (slot -1) append nothing.\n"
          "Keys and values are rounded to the state's dtype. Products, exponentials and sums "
          "in f32 or wider, y rounded once to the dtype of q.",
      .inputs = {{.name = "q", .doc = "[T, Hq*k_dim] float"},
                 {.name = "k", .doc = "[T, Hkv*k_dim], the dtype of q"},
                 {.name = "v", .doc = "[T, Hkv*v_dim], the dtype of q"}},
      .outputs = {"y"},
      .attrs = attrs(),
      .infer = infer,
      .cost = cost,
  };
}

}  // namespace sirocco::ops
