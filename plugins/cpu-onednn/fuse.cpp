#include "fuse.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <sirocco/sdk/op_checks.hpp>

#include "stages/attention.hpp"
#include "stages/elementwise.hpp"
#include "stages/linear.hpp"
#include "stages/moe.hpp"
#include "stages/rope_table.hpp"
#include "stages/rows.hpp"

namespace sirocco::cpu {
namespace {

using sdk::NodeView;
using sdk::ValueView;

class Fuser {
 public:
  Fuser(const sdk::GraphView& graph, sdk::ValueTable& values, const sirocco_limits& limits, Isa isa,
        int64_t n_threads)
      : graph_(graph),
        values_(values),
        limits_(limits),
        isa_(isa),
        n_threads_(n_threads),
        users_(graph.n_values()) {
    for (uint32_t i = 0; i < graph.n_nodes(); ++i) {
      const NodeView node = graph.node(i);
      for (size_t input = 0; input < node.n_inputs(); ++input)
        if (node.has_input(input)) users_.at(node.input_index(input)).push_back(i);
    }
  }

  Fused fuse() {
    for (uint32_t i = 0; i < graph_.n_nodes();) {
      const NodeView node = graph_.node(i);
      uint32_t end = 0;
      if (node.op() == "rms_norm" || node.op() == "linear") {
        end = linears(i, true);
        // A silu whose factor is not the stage's own cannot be a part of it.
        if (end == 0) end = linears(i, false);
      }
      if (end == 0) {
        single(node, i);
        end = i + 1;
      }
      i = end;
    }
    return finish();
  }

 private:
  /// A projection whose output is still in its tile: nothing outside the stage has seen it.
  struct Pending {
    size_t projection;
    bool plain;  ///< nothing but product and bias yet
    bool silu;   ///< silu is to be applied, and its factor still to come
  };
  /// Nodes from `begin` on that become one stage.
  struct Region {
    LinearSpec spec;
    std::vector<bool> live;               ///< of the projections; others were merged into one
    std::map<uint32_t, Pending> pending;  ///< by value
    uint32_t source = 0;                  ///< the value that is multiplied
    bool gates = true;                    ///< whether silu may be taken in
    uint32_t end = 0;
  };

  uint32_t index() const { return static_cast<uint32_t>(stages_.size()); }
  void use(uint32_t value) { values_.use(graph_, value, index()); }
  void make(uint32_t value) { values_.make(graph_, value, index()); }

  bool only_used_by(uint32_t value, uint32_t node) const {
    return graph_.value(value).kind() == SIROCCO_VALUE_INTERNAL && users_[value].size() == 1 &&
           users_[value][0] == node;
  }

  template <class S>
  void add(std::unique_ptr<S> stage, const NodeView& node, uint32_t n_nodes, StageMemory memory) {
    stage->node = node.id();
    stage->n_nodes = n_nodes;
    stage->path = node.path();
    memory_.scratch = std::max(memory_.scratch, round_up_64(memory.scratch));
    memory_.shared = std::max(memory_.shared, round_up_64(memory.shared));
    stages_.push_back(std::move(stage));
  }

  int64_t max_rows(uint32_t value) const {
    const ValueView view = graph_.value(value);
    const sirocco_tensor& tensor = view.tensor();
    const sdk::Extents largest{limits_.max_tokens, limits_.max_seqs, limits_.max_rows};
    int64_t rows = 1;
    for (uint32_t axis = 0; axis + 1 < tensor.rank; ++axis)
      rows = sdk::checked_product(rows, sdk::extent(tensor.dims[axis], largest));
    return rows;
  }

  // ---- products and what surrounds them ----

  /// The end of the stage that begins at `begin`, or 0 where none does.
  uint32_t linears(uint32_t begin, bool gates) {
    const NodeView first = graph_.node(begin);
    Region region;
    region.source = first.input_index(0);
    region.end = begin;
    region.spec.input = region.source;
    if (first.op() == "rms_norm") {
      region.source = first.output_index(0);
      region.spec.norm = norm_of(first);
      region.end = begin + 1;
    }
    const ValueView input = graph_.value(region.spec.input);
    region.spec.input_dtype = dtype_of(input.dtype());
    region.spec.k = input.dim(-1).base;
    region.gates = gates;
    while (region.end < graph_.n_nodes() && absorb(region, graph_.node(region.end), region.end))
      ++region.end;
    if (std::ranges::none_of(region.live, [](bool live) { return live; })) return 0;
    if (region.spec.norm && !only_used_within(region.source, begin, region.end)) return 0;
    for (const auto& [value, pending] : region.pending)
      if (pending.silu) return 0;
    write_states(region);
    emit(region, begin);
    return region.end;
  }

  bool only_used_within(uint32_t value, uint32_t begin, uint32_t end) const {
    return graph_.value(value).kind() == SIROCCO_VALUE_INTERNAL &&
           std::ranges::all_of(users_[value],
                               [&](uint32_t user) { return user >= begin && user < end; });
  }

  Norm norm_of(const NodeView& node) const {
    return {node.input_index(1), dtype_of(node.input(1).dtype()),
            static_cast<float>(node.attr_float("eps"))};
  }

  bool absorb(Region& region, const NodeView& node, uint32_t index) {
    if (node.domain() != "sirocco") return false;
    if (node.op() == "linear") return absorb_linear(region, node);
    if (node.op() == "rope") return absorb_rope(region, node, index);
    if (node.op() == "silu") return region.gates && absorb_silu(region, node, index);
    if (node.op() == "swiglu" || node.op() == "mul") return absorb_gate(region, node, index);
    if (node.op() == "add") return absorb_residual(region, node, index);
    return false;
  }

  bool absorb_linear(Region& region, const NodeView& node) {
    if (node.input_index(0) != region.source || !node.has_input(1)) return false;
    Projection projection;
    projection.weight = node.input_index(1);
    projection.weight_dtype = dtype_of(node.input(1).dtype());
    projection.n = node.input(1).dim(0).base;
    projection.output = node.output_index(0);
    projection.output_dtype = dtype_of(node.output(0).dtype());
    if (node.has_input(2)) {
      projection.bias = node.input_index(2);
      projection.bias_dtype = dtype_of(node.input(2).dtype());
    }
    region.pending[projection.output] = {region.spec.projections.size(), true, false};
    region.spec.projections.push_back(projection);
    region.live.push_back(true);
    return true;
  }

  /// The projection that made `value`, if only `node` sees that value.
  Pending* pending(Region& region, uint32_t value, uint32_t node) {
    const auto found = region.pending.find(value);
    if (found == region.pending.end() || !only_used_by(value, node)) return nullptr;
    return &found->second;
  }

  /// `node`'s output takes the place of `value`.
  void follow(Region& region, uint32_t value, const NodeView& node, Pending now) {
    region.pending.erase(value);
    region.pending[node.output_index(0)] = now;
    region.spec.projections[now.projection].output = node.output_index(0);
  }

  bool absorb_rope(Region& region, const NodeView& node, uint32_t index) {
    const uint32_t value = node.input_index(0);
    const Pending* found = pending(region, value, index);
    if (!found || !found->plain) return false;
    region.spec.projections[found->projection].rotation = rotation_of(node);
    follow(region, value, node, {found->projection, false, false});
    return true;
  }

  bool absorb_silu(Region& region, const NodeView& node, uint32_t index) {
    const uint32_t value = node.input_index(0);
    const Pending* found = pending(region, value, index);
    if (!found || !found->plain || users_[node.output_index(0)].size() != 1) return false;
    follow(region, value, node, {found->projection, false, true});
    return true;
  }

  /// swiglu(gate, up), or mul(silu(gate), up) in either order.
  bool absorb_gate(Region& region, const NodeView& node, uint32_t index) {
    uint32_t gate_value = node.input_index(0), up_value = node.input_index(1);
    const bool fused = node.op() == "swiglu";
    if (gate_value == up_value) return false;
    const Pending* gate = pending(region, gate_value, index);
    const Pending* up = pending(region, up_value, index);
    if (!gate || !up) return false;
    if (!fused && up->silu) {
      std::swap(gate, up);
      std::swap(gate_value, up_value);
    }
    if (!up->plain || (fused ? !gate->plain : !gate->silu)) return false;
    Projection& kept = region.spec.projections[gate->projection];
    const Projection& merged = region.spec.projections[up->projection];
    if (kept.bias || merged.bias || kept.n != merged.n || kept.weight_dtype != merged.weight_dtype)
      return false;
    kept.up = merged.weight;
    region.live[up->projection] = false;
    const Pending now{gate->projection, false, false};
    region.pending.erase(up_value);
    follow(region, gate_value, node, now);
    return true;
  }

  bool absorb_residual(Region& region, const NodeView& node, uint32_t index) {
    for (size_t side = 0; side < 2; ++side) {
      const uint32_t value = node.input_index(side), other = node.input_index(1 - side);
      const Pending* found = pending(region, value, index);
      if (!found || found->silu || region.pending.count(other) || other == region.source) continue;
      Projection& projection = region.spec.projections[found->projection];
      if (projection.residual || !node.input(0).same_type(node.input(1))) continue;
      projection.residual = other;
      projection.residual_dtype = dtype_of(node.input(1 - side).dtype());
      follow(region, value, node, {found->projection, false, false});
      return true;
    }
    return false;
  }

  /// Keys and values go straight into the state where nobody but the attention sees them.
  void write_states(Region& region) {
    std::map<uint32_t, std::pair<const Pending*, const Pending*>> found;  // by attention node
    for (const auto& [value, pending] : region.pending) {
      if (users_[value].size() != 1) continue;
      const uint32_t user = users_[value][0];
      const NodeView node = graph_.node(user);
      if (node.op() != "attention" || node.domain() != "sirocco" || !only_used_by(value, user))
        continue;
      if (node.input_index(1) == value) found[user].first = &pending;
      if (node.input_index(2) == value) found[user].second = &pending;
    }
    for (const auto& [user, both] : found) {
      if (!both.first || !both.second) continue;
      const sirocco_state state = graph_.node(user).attr_state("state");
      const Pending* sides[] = {both.first, both.second};
      for (int side = 0; side < 2; ++side) {
        Projection& projection = region.spec.projections[sides[side]->projection];
        projection.output = SIROCCO_NONE;
        projection.state = state;
        projection.state_values = side == 1;
        projection.output_dtype = dtype_of(state.dtype);
      }
      appended_.insert(user);
    }
  }

  void emit(Region& region, uint32_t begin) {
    LinearSpec spec = region.spec;
    spec.projections.clear();
    use(spec.input);
    if (spec.norm) use(spec.norm->weight);
    for (size_t p = 0; p < region.live.size(); ++p) {
      if (!region.live[p]) continue;
      const Projection& projection = region.spec.projections[p];
      use(projection.weight);
      if (projection.bias) use(*projection.bias);
      if (projection.up) use(*projection.up);
      if (projection.residual) use(*projection.residual);
      spec.projections.push_back(projection);
    }
    for (const Projection& projection : spec.projections)
      if (!projection.state) make(projection.output);
    const int64_t rows = max_rows(spec.input);
    auto stage = std::make_unique<LinearStage>(std::move(spec), isa_);
    const StageMemory memory = stage->memory(rows);
    add(std::move(stage), graph_.node(begin), region.end - begin, memory);
  }

  // ---- nodes on their own ----

  Rotation rotation_of(const NodeView& node) {
    const sdk::ops::RopeAttributes rope = sdk::ops::check_rope(node);
    const uint32_t positions = node.input_index(1);
    for (const auto& table : tables_)
      if (table->same(positions, rope.rotary_dim, rope.theta, rope.interleaved))
        return {table.get(), rope.head_dim};
    auto table =
        std::make_unique<RopeTable>(positions, rope.rotary_dim, rope.theta, rope.interleaved);
    table->node = node.id();
    table->n_nodes = 0;
    table->path = node.path();
    values_.use(graph_, positions, index());
    tables_.push_back(std::move(table));
    return {tables_.back().get(), rope.head_dim};
  }

  void single(const NodeView& node, uint32_t i) {
    if (node.op() == "attention") return attention(node, i);
    if (node.op() == "moe_router") return router(node);
    if (node.op() == "moe_ffn") return experts(node);
    const uint32_t x = node.input_index(0), out = node.output_index(0);
    const StageMemory row{floats_bytes(node.output(0).rank() ? node.output(0).dim(-1).base : 1), 0};
    for (size_t input = 0; input < node.n_inputs(); ++input)
      if (node.has_input(input)) use(node.input_index(input));
    make(out);
    if (node.op() == "embedding")
      return add(std::make_unique<EmbeddingStage>(x, node.input_index(1), out), node, 1, row);
    if (node.op() == "gather_rows")
      return add(std::make_unique<GatherStage>(x, node.input_index(1), out), node, 1, {});
    if (node.op() == "rms_norm")
      return add(std::make_unique<NormStage>(x, norm_of(node), out), node, 1, row);
    if (node.op() == "rope")
      return add(std::make_unique<RopeStage>(x, rotation_of(node), out), node, 1, row);
    if (node.op() == "softmax") return add(std::make_unique<SoftmaxStage>(x, out), node, 1, row);
    const std::map<std::string_view, Elementwise> operations{
        {"add", Elementwise::add},   {"mul", Elementwise::mul},
        {"silu", Elementwise::silu}, {"swiglu", Elementwise::swiglu},
        {"cast", Elementwise::copy}, {"reshape", Elementwise::copy},
    };
    const auto operation = operations.find(node.op());
    if (operation == operations.end() || node.domain() != "sirocco")
      throw sdk::StatusError(SIROCCO_UNSUPPORTED,
                             std::string(node.path()) + ": no stage for " + std::string(node.op()));
    const uint32_t second = node.n_inputs() > 1 ? node.input_index(1) : SIROCCO_NONE;
    add(std::make_unique<ElementwiseStage>(operation->second, x, second, out), node, 1, {});
  }

  void router(const NodeView& node) {
    use(node.input_index(0));
    make(node.output_index(0));
    make(node.output_index(1));
    add(std::make_unique<RouterStage>(node.input_index(0), sdk::ops::check_moe_router(node),
                                      node.output_index(0), node.output_index(1)),
        node, 1, {RouterStage::scratch(node.input(0).dim(1).base), 0});
  }

  void experts(const NodeView& node) {
    constexpr size_t kFirst = sdk::ops::kFirstExpert;
    ExpertsSpec spec;
    spec.x = node.input_index(0);
    spec.experts = node.input_index(1);
    spec.weights = node.input_index(2);
    spec.out = node.output_index(0);
    spec.dtype = dtype_of(node.input(0).dtype());
    spec.features = node.input(0).dim(1).base;
    spec.hidden = node.input(kFirst).dim(0).base;
    spec.per_token = node.input(1).dim(1).base;
    spec.weight_dtype = dtype_of(node.input(kFirst).dtype());
    for (size_t input = 0; input < node.n_inputs(); ++input) use(node.input_index(input));
    for (size_t input = kFirst; input < node.n_inputs(); input += 3) {
      spec.w1.push_back(node.input_index(input));
      spec.w2.push_back(node.input_index(input + 1));
      spec.w3.push_back(node.input_index(input + 2));
    }
    make(spec.out);
    const int64_t rows = max_rows(spec.x);
    auto stage = std::make_unique<ExpertsStage>(std::move(spec), isa_);
    const StageMemory memory = stage->memory(rows);
    add(std::move(stage), node, 1, memory);
  }

  void attention(const NodeView& node, uint32_t i) {
    const sdk::ops::AttentionAttributes attributes = sdk::ops::check_attention(node);
    AttentionSpec spec;
    spec.q = node.input_index(0);
    spec.out = node.output_index(0);
    spec.state = attributes.state;
    spec.dtype = dtype_of(node.input(0).dtype());
    spec.window = attributes.window;
    spec.scale = static_cast<float>(attributes.scale);
    spec.n_heads = attributes.group * attributes.state.heads;
    use(spec.q);
    if (!appended_.count(i)) {
      spec.k = node.input_index(1);
      spec.v = node.input_index(2);
      use(*spec.k);
      use(*spec.v);
    }
    make(spec.out);
    groups_.insert(spec.state.group);
    auto stage = std::make_unique<AttentionStage>(spec);
    const StageMemory memory = stage->memory(kernels_of(isa_), limits_, n_threads_);
    add(std::move(stage), node, 1, memory);
  }

  Fused finish() {
    Fused fused;
    for (auto& table : tables_) {
      table->place(memory_.shared, limits_.max_tokens);
      memory_.shared += table->bytes(limits_.max_tokens);
      fused.stages.push_back(std::move(table));
    }
    std::ranges::move(stages_, std::back_inserter(fused.stages));
    fused.groups.assign(groups_.begin(), groups_.end());
    fused.memory = memory_;
    return fused;
  }

  const sdk::GraphView& graph_;
  sdk::ValueTable& values_;
  const sirocco_limits& limits_;
  Isa isa_;
  int64_t n_threads_;
  std::vector<std::vector<uint32_t>> users_;  ///< nodes, by value
  std::set<uint32_t> appended_;               ///< attention nodes whose keys and values are written
  std::set<uint32_t> groups_;
  std::vector<std::unique_ptr<RopeTable>> tables_;
  std::vector<std::unique_ptr<Stage>> stages_;
  StageMemory memory_;
};

}  // namespace

Fused fuse(const sdk::GraphView& graph, sdk::ValueTable& values, const sirocco_limits& limits,
           Isa isa, int64_t n_threads) {
  return Fuser(graph, values, limits, isa, n_threads).fuse();
}

}  // namespace sirocco::cpu
