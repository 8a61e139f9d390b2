#include "bench/work.hpp"

#include <algorithm>

#include "graph/op.hpp"
#include "sirocco/sdk/tensor.hpp"

namespace sirocco {
namespace {

/// How much of a weight so many tokens need, as a share: rows that are looked up, experts that are
/// chosen (at most: tokens may choose the same), else all of it.
double share_needed(const Graph& graph, ValueId weight, int64_t tokens) {
  const Shape& shape = graph.values[weight].type.shape;
  double most = 0;
  for (const Node& node : graph.nodes) {
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] != weight) continue;
      const InputSpec& spec = node.op->inputs[std::min(i, node.op->inputs.size() - 1)];
      double units = 1, used = 1;
      if (spec.use == SIROCCO_USE_GATHER && !shape.empty()) {
        units = static_cast<double>(shape[0].base);
        used = static_cast<double>(tokens);
      } else if (node.op->name == "moe_ffn" && spec.variadic) {
        constexpr size_t kFirst = 3;  // behind x, experts and weights; three tensors an expert
        const size_t experts = (node.inputs.size() - kFirst) / 3;
        units = static_cast<double>(experts);
        used = static_cast<double>(tokens * graph.values[node.inputs[1]].type.shape[1].base);
      }
      most = std::max(most, std::min(1.0, used / std::max(units, 1.0)));
    }
  }
  return most;
}

}  // namespace

StepWork step_work(const Plan& plan, int64_t tokens, int64_t depth, int64_t sequences) {
  const int64_t all_tokens = tokens * sequences;
  const Graph& graph = plan.graph();
  StepWork work;
  for (const Node& node : graph.nodes)
    work.flops +=
        node_cost({node, graph, {all_tokens, sequences, sequences}, depth + tokens}).flops;
  for (const GraphWeight& weight : graph.weights) {
    const TensorType& type = graph.values[weight.value].type;
    work.weight_bytes +=
        static_cast<double>(type.bytes({})) * share_needed(graph, weight.value, all_tokens);
  }
  for (const StateMember& member : graph.states) {
    const StateGroup& group = graph.groups[member.group];
    const auto element =
        static_cast<double>(sdk::dtype_bytes(group.dtype)) * static_cast<double>(sequences);
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
