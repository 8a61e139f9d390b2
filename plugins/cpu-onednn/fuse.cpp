#include "fuse.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <sirocco/sdk/op_checks.hpp>
#include <sirocco/sdk/regions.hpp>

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
      : graph_(graph), values_(values), limits_(limits), isa_(isa), n_threads_(n_threads) {}

  Fused fuse() {
    for (const sdk::Region& region : sdk::find_regions(graph_)) {
      region.tell(graph_, values_, static_cast<uint32_t>(stages_.size()));
      if (region.projections.empty()) {
        single(graph_.node(region.first), region.appended);
      } else {
        linears(region);
      }
    }
    return finish();
  }

 private:
  template <class S>
  void add(std::unique_ptr<S> stage, const NodeView& node, uint32_t n_nodes, StageMemory memory) {
    stage->node = node.id();
    stage->n_nodes = n_nodes;
    stage->path = node.path();
    memory_.scratch = std::max(memory_.scratch, round_up_64(memory.scratch));
    memory_.shared = std::max(memory_.shared, round_up_64(memory.shared));
    stages_.push_back(std::move(stage));
  }

  Dtype dtype(uint32_t value) const { return dtype_of(graph_.value(value).dtype()); }

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

  Norm norm_of(uint32_t weight, double eps) const {
    return {weight, dtype(weight), static_cast<float>(eps)};
  }

  void linears(const sdk::Region& region) {
    LinearSpec spec;
    spec.input = region.input;
    spec.input_dtype = dtype(region.input);
    spec.k = graph_.value(region.input).dim(-1).base;
    if (region.norm) spec.norm = norm_of(region.norm->weight, region.norm->eps);
    for (const sdk::Projection& projection : region.projections)
      spec.projections.push_back(
          translate(projection, spec.input_dtype, graph_.node(region.first)));
    const int64_t rows = max_rows(spec.input);
    auto stage = std::make_unique<LinearStage>(std::move(spec), isa_);
    const StageMemory memory = stage->memory(rows);
    add(std::move(stage), graph_.node(region.first), region.n_nodes, memory);
  }

  Projection translate(const sdk::Projection& from, Dtype input_dtype, const NodeView& first) {
    Projection to;
    to.weight = from.weight;
    to.weight_dtype = dtype(from.weight);
    to.n = from.n;
    to.bias = from.bias;
    if (from.bias) to.bias_dtype = dtype(*from.bias);
    if (from.rope) to.rotation = rotation_of(graph_.node(from.rope->node), first);
    to.up = from.up;
    to.residual = from.residual;
    if (from.residual) to.residual_dtype = dtype(*from.residual);
    to.output = from.output;
    to.state = from.state;
    to.state_values = from.state_values;
    to.output_dtype = from.state ? dtype_of(from.state->dtype) : input_dtype;
    return to;
  }

  /// The time of a table counts to `owner`, the first node of the region that needs it first.
  Rotation rotation_of(const NodeView& node, const NodeView& owner) {
    const sdk::ops::RopeAttributes rope = sdk::ops::check_rope(node);
    const uint32_t positions = node.input_index(1);
    for (const auto& table : tables_)
      if (table->same(positions, rope.rotary_dim, rope.theta, rope.interleaved))
        return {table.get(), rope.head_dim};
    auto table =
        std::make_unique<RopeTable>(positions, rope.rotary_dim, rope.theta, rope.interleaved);
    table->node = owner.id();
    table->n_nodes = 0;
    table->path = node.path();
    tables_.push_back(std::move(table));
    return {tables_.back().get(), rope.head_dim};
  }

  // ---- nodes on their own ----

  void single(const NodeView& node, bool appended) {
    if (node.op() == "attention") return attention(node, appended);
    if (node.op() == "moe_router") return router(node);
    if (node.op() == "moe_ffn") return experts(node);
    const uint32_t x = node.input_index(0), out = node.output_index(0);
    const StageMemory row{floats_bytes(node.output(0).rank() ? node.output(0).dim(-1).base : 1), 0};
    if (node.op() == "embedding")
      return add(std::make_unique<EmbeddingStage>(x, node.input_index(1), out), node, 1, row);
    if (node.op() == "gather_rows")
      return add(std::make_unique<GatherStage>(x, node.input_index(1), out), node, 1, {});
    if (node.op() == "rms_norm")
      return add(
          std::make_unique<NormStage>(x, norm_of(node.input_index(1), node.attr_float("eps")), out),
          node, 1, row);
    if (node.op() == "rope")
      return add(std::make_unique<RopeStage>(x, rotation_of(node, node), out), node, 1, row);
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
    for (size_t input = kFirst; input < node.n_inputs(); input += 3) {
      spec.w1.push_back(node.input_index(input));
      spec.w2.push_back(node.input_index(input + 1));
      spec.w3.push_back(node.input_index(input + 2));
    }
    const int64_t rows = max_rows(spec.x);
    auto stage = std::make_unique<ExpertsStage>(std::move(spec), isa_);
    const StageMemory memory = stage->memory(rows);
    add(std::move(stage), node, 1, memory);
  }

  void attention(const NodeView& node, bool appended) {
    const sdk::ops::AttentionAttributes attributes = sdk::ops::check_attention(node);
    AttentionSpec spec;
    spec.q = node.input_index(0);
    spec.out = node.output_index(0);
    spec.state = attributes.state;
    spec.dtype = dtype_of(node.input(0).dtype());
    spec.window = attributes.window;
    spec.scale = static_cast<float>(attributes.scale);
    spec.n_heads = attributes.group * attributes.state.heads;
    if (!appended) {
      spec.k = node.input_index(1);
      spec.v = node.input_index(2);
    }
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
