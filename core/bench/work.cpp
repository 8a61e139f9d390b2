#include "bench/work.hpp"

#include <algorithm>

#include "graph/op.hpp"
#include "sirocco/sdk/tensor.hpp"

namespace sirocco {
namespace {

/// Whether every use of a weight looks up single rows.
bool only_looked_up(const Graph& graph, ValueId weight) {
  for (const Node& node : graph.nodes) {
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] != weight) continue;
      const size_t spec = std::min(i, node.op->inputs.size() - 1);
      if (node.op->inputs[spec].use != SIROCCO_USE_GATHER) return false;
    }
  }
  return true;
}

}  // namespace

StepWork step_work(const Plan& plan, int64_t tokens, int64_t depth) {
  const Graph& graph = plan.graph();
  StepWork work;
  for (const Node& node : graph.nodes)
    work.flops += node_cost({node, graph, {tokens, 1, 1}, depth + tokens}).flops;
  for (const GraphWeight& weight : graph.weights) {
    const TensorType& type = graph.values[weight.value].type;
    auto bytes = static_cast<double>(type.bytes({}));
    const auto rows = type.shape.empty() ? int64_t{1} : type.shape[0].base;
    if (only_looked_up(graph, weight.value) && rows > tokens)
      bytes = bytes / static_cast<double>(rows) * static_cast<double>(tokens);
    work.weight_bytes += bytes;
  }
  for (const StateMember& member : graph.states) {
    const StateGroup& group = graph.groups[member.group];
    const auto element = static_cast<double>(sdk::dtype_bytes(group.dtype));
    if (group.kind == SIROCCO_STATE_RECURRENT) {
      work.state_bytes += static_cast<double>(member.elements) * element;
      continue;
    }
    const int64_t held = depth + tokens;
    // The first new token sees a window behind it; the rest see up to the end.
    const int64_t seen = group.window ? std::min(held, group.window - 1 + tokens) : held;
    work.state_bytes +=
        static_cast<double>(seen * member.heads * (member.k_dim + member.v_dim)) * element;
  }
  return work;
}

}  // namespace sirocco
