#pragma once
// Which nodes of a sub-graph a backend may run as one: products with the norm in front of them and
// the rotation, gate, residual or write into a state behind them.
//
// A region computes what its nodes compute one by one; values that only exist within it need no
// memory. A backend turns each region into whatever it runs: a stage of a team of threads, or a
// few launches.

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <sirocco/sdk/graph_view.hpp>
#include <sirocco/sdk/op_checks.hpp>

namespace sirocco::sdk {

/// rms_norm of the rows that are multiplied.
struct NormUse {
  uint32_t weight = 0;  ///< value index, as everywhere below
  double eps = 0;
};

/// rope of what a product gives.
struct RopeUse {
  uint32_t node = 0;  ///< index of the node, for messages
  uint32_t positions = 0;
  ops::RopeAttributes attributes;
};

/// One product and what becomes of it: y = f(x · weightᵀ + bias), where f rotates or gates, adds,
/// and stores into a value or straight into a state.
struct Projection {
  uint32_t weight = 0;  ///< [n, k]
  int64_t n = 0;        ///< outputs a row
  std::optional<uint32_t> bias;
  std::optional<RopeUse> rope;
  std::optional<uint32_t> up;  ///< weight of `up`, where y = silu(x · weightᵀ) * (x · upᵀ)
  std::optional<uint32_t> residual;  ///< a value of y's type that is added
  uint32_t output = SIROCCO_NONE;    ///< the value written; NONE: the state
  std::optional<sirocco_state> state;
  bool state_values = false;  ///< the second plane of the state
};

/// Nodes [first, first + n_nodes) of the graph.
struct Region {
  uint32_t first = 0;
  uint32_t n_nodes = 1;
  /// Products of one input; empty: the node stands alone.
  std::vector<Projection> projections;
  uint32_t input = 0;  ///< of the products: x, or what is normed first
  std::optional<NormUse> norm;
  /// A lone `attention` whose keys and values a region before it has written into the state.
  bool appended = false;

  /// Tells `values` what the region uses and makes, as step `index` of the order.
  template <class Values>
  void tell(const GraphView& graph, Values& values, uint32_t index) const;
};

namespace detail {

class RegionFinder {
 public:
  explicit RegionFinder(const GraphView& graph) : graph_(graph), users_(graph.n_values()) {
    for (uint32_t i = 0; i < graph.n_nodes(); ++i) {
      const NodeView node = graph.node(i);
      for (size_t input = 0; input < node.n_inputs(); ++input)
        if (node.has_input(input)) users_.at(node.input_index(input)).push_back(i);
    }
  }

  std::vector<Region> find() {
    for (uint32_t i = 0; i < graph_.n_nodes();) {
      const NodeView node = graph_.node(i);
      uint32_t end = 0;
      if (is(node, "rms_norm") || is(node, "linear")) {
        end = linears(i, true);
        // A silu whose factor is not the region's own cannot be a part of it.
        if (end == 0) end = linears(i, false);
      }
      if (end == 0) {
        Region& alone = regions_.emplace_back();
        alone.first = i;
        alone.appended = appended_.count(i) != 0;
        end = i + 1;
      }
      i = end;
    }
    return std::move(regions_);
  }

 private:
  /// A projection whose output nothing outside the region has seen.
  struct Pending {
    size_t projection;
    bool plain;  ///< nothing but product and bias yet
    bool silu;   ///< silu is to be applied, and its factor still to come
  };
  /// Nodes from `begin` on that become one region.
  struct Draft {
    Region region;
    std::vector<bool> live;               ///< of the projections; others were merged into one
    std::map<uint32_t, Pending> pending;  ///< by value
    uint32_t source = 0;                  ///< the value that is multiplied
    bool gates = true;                    ///< whether silu may be taken in
    uint32_t end = 0;
  };

  static bool is(const NodeView& node, std::string_view op) {
    return node.op() == op && node.domain() == "sirocco";
  }

  bool only_used_by(uint32_t value, uint32_t node) const {
    return graph_.value(value).kind() == SIROCCO_VALUE_INTERNAL && users_[value].size() == 1 &&
           users_[value][0] == node;
  }

  bool only_used_within(uint32_t value, uint32_t begin, uint32_t end) const {
    return graph_.value(value).kind() == SIROCCO_VALUE_INTERNAL &&
           std::ranges::all_of(users_[value],
                               [&](uint32_t user) { return user >= begin && user < end; });
  }

  /// The end of the region that begins at `begin`, or 0 where none does.
  uint32_t linears(uint32_t begin, bool gates) {
    const NodeView first = graph_.node(begin);
    Draft draft;
    Region& region = draft.region;
    region.first = begin;
    draft.source = first.input_index(0);
    draft.end = begin;
    region.input = draft.source;
    if (is(first, "rms_norm")) {
      draft.source = first.output_index(0);
      region.norm = NormUse{first.input_index(1), first.attr_float("eps")};
      draft.end = begin + 1;
    }
    draft.gates = gates;
    while (draft.end < graph_.n_nodes() && absorb(draft, graph_.node(draft.end), draft.end))
      ++draft.end;
    if (std::ranges::none_of(draft.live, [](bool live) { return live; })) return 0;
    if (region.norm && !only_used_within(draft.source, begin, draft.end)) return 0;
    for (const auto& [value, pending] : draft.pending)
      if (pending.silu) return 0;
    write_states(draft);
    region.n_nodes = draft.end - begin;
    std::vector<Projection> kept;
    for (size_t p = 0; p < draft.live.size(); ++p)
      if (draft.live[p]) kept.push_back(region.projections[p]);
    region.projections = std::move(kept);
    regions_.push_back(std::move(region));
    return draft.end;
  }

  bool absorb(Draft& draft, const NodeView& node, uint32_t index) {
    if (is(node, "linear")) return absorb_linear(draft, node);
    if (is(node, "rope")) return absorb_rope(draft, node, index);
    if (is(node, "silu")) return draft.gates && absorb_silu(draft, node, index);
    if (is(node, "swiglu") || is(node, "mul")) return absorb_gate(draft, node, index);
    if (is(node, "add")) return absorb_residual(draft, node, index);
    return false;
  }

  bool absorb_linear(Draft& draft, const NodeView& node) {
    if (node.input_index(0) != draft.source || !node.has_input(1)) return false;
    Projection projection;
    projection.weight = node.input_index(1);
    projection.n = node.input(1).dim(0).base;
    projection.output = node.output_index(0);
    if (node.has_input(2)) projection.bias = node.input_index(2);
    draft.pending[projection.output] = {draft.region.projections.size(), true, false};
    draft.region.projections.push_back(projection);
    draft.live.push_back(true);
    return true;
  }

  /// The projection that made `value`, if only `node` sees that value.
  Pending* pending(Draft& draft, uint32_t value, uint32_t node) {
    const auto found = draft.pending.find(value);
    if (found == draft.pending.end() || !only_used_by(value, node)) return nullptr;
    return &found->second;
  }

  /// `node`'s output takes the place of `value`.
  void follow(Draft& draft, uint32_t value, const NodeView& node, Pending now) {
    draft.pending.erase(value);
    draft.pending[node.output_index(0)] = now;
    draft.region.projections[now.projection].output = node.output_index(0);
  }

  bool absorb_rope(Draft& draft, const NodeView& node, uint32_t index) {
    const uint32_t value = node.input_index(0);
    const Pending* found = pending(draft, value, index);
    if (!found || !found->plain) return false;
    draft.region.projections[found->projection].rope =
        RopeUse{index, node.input_index(1), ops::check_rope(node)};
    follow(draft, value, node, {found->projection, false, false});
    return true;
  }

  bool absorb_silu(Draft& draft, const NodeView& node, uint32_t index) {
    const uint32_t value = node.input_index(0);
    const Pending* found = pending(draft, value, index);
    if (!found || !found->plain || users_[node.output_index(0)].size() != 1) return false;
    follow(draft, value, node, {found->projection, false, true});
    return true;
  }

  /// swiglu(gate, up), or mul(silu(gate), up) in either order.
  bool absorb_gate(Draft& draft, const NodeView& node, uint32_t index) {
    uint32_t gate_value = node.input_index(0), up_value = node.input_index(1);
    const bool fused = node.op() == "swiglu";
    if (gate_value == up_value) return false;
    const Pending* gate = pending(draft, gate_value, index);
    const Pending* up = pending(draft, up_value, index);
    if (!gate || !up) return false;
    if (!fused && up->silu) {
      std::swap(gate, up);
      std::swap(gate_value, up_value);
    }
    if (!up->plain || (fused ? !gate->plain : !gate->silu)) return false;
    Projection& kept = draft.region.projections[gate->projection];
    const Projection& merged = draft.region.projections[up->projection];
    if (kept.bias || merged.bias || kept.n != merged.n ||
        graph_.value(kept.weight).dtype() != graph_.value(merged.weight).dtype())
      return false;
    kept.up = merged.weight;
    draft.live[up->projection] = false;
    const Pending now{gate->projection, false, false};
    draft.pending.erase(up_value);
    follow(draft, gate_value, node, now);
    return true;
  }

  bool absorb_residual(Draft& draft, const NodeView& node, uint32_t index) {
    for (size_t side = 0; side < 2; ++side) {
      const uint32_t value = node.input_index(side), other = node.input_index(1 - side);
      const Pending* found = pending(draft, value, index);
      if (!found || found->silu || draft.pending.count(other) || other == draft.source) continue;
      Projection& projection = draft.region.projections[found->projection];
      if (projection.residual || !node.input(0).same_type(node.input(1))) continue;
      projection.residual = other;
      follow(draft, value, node, {found->projection, false, false});
      return true;
    }
    return false;
  }

  /// Keys and values go straight into the state where nobody but the attention sees them.
  void write_states(Draft& draft) {
    std::map<uint32_t, std::pair<const Pending*, const Pending*>> found;  // by attention node
    for (const auto& [value, pending] : draft.pending) {
      if (users_[value].size() != 1) continue;
      const uint32_t user = users_[value][0];
      const NodeView node = graph_.node(user);
      if (!is(node, "attention") || !only_used_by(value, user)) continue;
      if (node.input_index(1) == value) found[user].first = &pending;
      if (node.input_index(2) == value) found[user].second = &pending;
    }
    for (const auto& [user, both] : found) {
      if (!both.first || !both.second) continue;
      const sirocco_state state = graph_.node(user).attr_state("state");
      const Pending* sides[] = {both.first, both.second};
      for (int side = 0; side < 2; ++side) {
        Projection& projection = draft.region.projections[sides[side]->projection];
        projection.output = SIROCCO_NONE;
        projection.state = state;
        projection.state_values = side == 1;
      }
      appended_.insert(user);
    }
  }

  const GraphView& graph_;
  std::vector<std::vector<uint32_t>> users_;  ///< nodes, by value
  std::set<uint32_t> appended_;               ///< attention nodes whose keys and values are written
  std::vector<Region> regions_;
};

}  // namespace detail

/// Cuts the graph into regions, in an order in which they can run. Nodes must have passed their
/// op's check (op_checks.hpp). Throws StatusError for a graph that contradicts itself.
inline std::vector<Region> find_regions(const GraphView& graph) {
  return detail::RegionFinder(graph).find();
}

template <class Values>
void Region::tell(const GraphView& graph, Values& values, uint32_t index) const {
  const auto use = [&](uint32_t value) { values.use(graph, value, index); };
  if (projections.empty()) {
    const NodeView node = graph.node(first);
    for (size_t i = 0; i < node.n_inputs(); ++i)
      if (node.has_input(i) && !(appended && (i == 1 || i == 2))) use(node.input_index(i));
    for (size_t i = 0; i < node.n_outputs(); ++i) values.make(graph, node.output_index(i), index);
    return;
  }
  use(input);
  if (norm) use(norm->weight);
  for (const Projection& projection : projections) {
    use(projection.weight);
    if (projection.bias) use(*projection.bias);
    if (projection.rope) use(projection.rope->positions);
    if (projection.up) use(*projection.up);
    if (projection.residual) use(*projection.residual);
  }
  for (const Projection& projection : projections)
    if (!projection.state) values.make(graph, projection.output, index);
}

}  // namespace sirocco::sdk
