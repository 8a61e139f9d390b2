#include "graph/abi_view.hpp"

#include <algorithm>

#include <sirocco/error.hpp>

#include "graph/op.hpp"

namespace sirocco {
namespace {

std::vector<NodeId> in_graph_order(const Graph& graph, std::span<const NodeId> nodes) {
  std::vector<NodeId> sorted(nodes.begin(), nodes.end());
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    throw Error(ErrorKind::failure, "a sub-graph names a node twice");
  if (!sorted.empty() && sorted.back() >= graph.nodes.size())
    throw Error(ErrorKind::failure, "a sub-graph names node " + std::to_string(sorted.back()) +
                                        " of a graph of " + std::to_string(graph.nodes.size()));
  return sorted;
}

}  // namespace

sirocco_state abi_state(const Graph& graph, uint32_t index) {
  const StateMember& member = graph.states.at(index);
  const StateGroup& group = graph.groups.at(member.group);
  sirocco_state state{};
  state.struct_size = sizeof state;
  state.group = member.group;
  state.member = member.member;
  state.kind = group.kind;
  state.page_tokens = group.page_tokens;
  state.window = group.window;
  state.heads = member.heads;
  state.k_dim = member.k_dim;
  state.v_dim = member.v_dim;
  state.elements = member.elements;
  state.dtype = group.dtype;
  return state;
}

AbiGraph::AbiGraph(const Graph& graph, std::span<const NodeId> nodes,
                   std::span<const ValueId> wanted_outputs)
    : node_ids_(in_graph_order(graph, nodes)) {
  for (const NodeId id : node_ids_) add_node(graph, id);
  set_producers_and_outputs(graph, wanted_outputs);
  view_.struct_size = sizeof view_;
  view_.values = abi_values_.data();
  view_.n_values = abi_values_.size();
  view_.value_stride = sizeof(sirocco_value);
  view_.nodes = abi_nodes_.data();
  view_.n_nodes = abi_nodes_.size();
  view_.node_stride = sizeof(sirocco_node);
  view_.states = abi_states_.data();
  view_.n_states = abi_states_.size();
  view_.state_stride = sizeof(sirocco_state);
}

uint32_t AbiGraph::local(ValueId value) const {
  const auto found = local_.find(value);
  return found == local_.end() ? kNone : found->second;
}

uint32_t AbiGraph::value_index(const Graph& graph, ValueId value) {
  if (value == kNone) return kNone;
  const auto [entry, fresh] = local_.emplace(value, static_cast<uint32_t>(value_ids_.size()));
  if (!fresh) return entry->second;
  const Value& source = graph.values.at(value);
  sirocco_value result{};
  result.struct_size = sizeof result;
  result.name = storage_.string(source.name);
  result.kind = source.kind == SIROCCO_VALUE_INTERNAL ? uint32_t{SIROCCO_VALUE_INPUT} : source.kind;
  result.producer = SIROCCO_NONE;
  result.tensor = storage_.tensor(source.type);
  value_ids_.push_back(value);
  abi_values_.push_back(result);
  return entry->second;
}

int64_t AbiGraph::state_index(const Graph& graph, StateRef state) {
  const auto found = std::find(state_ids_.begin(), state_ids_.end(), state.index);
  if (found != state_ids_.end()) return found - state_ids_.begin();
  abi_states_.push_back(abi_state(graph, state.index));
  state_ids_.push_back(state.index);
  return static_cast<int64_t>(state_ids_.size()) - 1;
}

void AbiGraph::add_node(const Graph& graph, NodeId id) {
  const Node& source = graph.nodes[id];
  const auto local_indices = [&](const std::vector<ValueId>& values) -> const auto& {
    auto& indices = indices_.emplace_back();
    for (const ValueId value : values) indices.push_back(value_index(graph, value));
    return indices;
  };
  sirocco_node node{};
  node.struct_size = sizeof node;
  node.domain = storage_.string(source.op->domain);
  node.op = storage_.string(source.op->name);
  node.version = source.op->version;
  node.id = id;
  node.path = storage_.string(source.path);
  // Growing `indices_` moves its vectors, which leaves their elements where they are.
  node.inputs = local_indices(source.inputs).data();
  node.n_inputs = source.inputs.size();
  node.outputs = local_indices(source.outputs).data();
  node.n_outputs = source.outputs.size();
  auto& attrs = attrs_.emplace_back();
  for (const Attr& attr : source.attrs)
    attrs.push_back(storage_.attr(attr, [&](StateRef ref) { return state_index(graph, ref); }));
  node.attrs = attrs.data();
  node.n_attrs = attrs.size();
  node.attr_stride = sizeof(sirocco_attr);
  abi_nodes_.push_back(node);
}

void AbiGraph::mark_output(ValueId value) {
  const uint32_t index = local(value);
  if (index != kNone && abi_values_[index].kind == SIROCCO_VALUE_INTERNAL)
    abi_values_[index].kind = SIROCCO_VALUE_OUTPUT;
}

void AbiGraph::set_producers_and_outputs(const Graph& graph,
                                         std::span<const ValueId> wanted_outputs) {
  std::vector<bool> inside(graph.nodes.size(), false);
  for (uint32_t index = 0; index < node_ids_.size(); ++index) {
    inside[node_ids_[index]] = true;
    for (const ValueId value : graph.nodes[node_ids_[index]].outputs) {
      if (value == kNone) continue;
      abi_values_[local(value)].producer = index;
      abi_values_[local(value)].kind = SIROCCO_VALUE_INTERNAL;
    }
  }
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    if (inside[id]) continue;
    for (const ValueId value : graph.nodes[id].inputs) mark_output(value);
  }
  for (const GraphOutput& output : graph.outputs) mark_output(output.value);
  for (const ValueId value : wanted_outputs) mark_output(value);
}

}  // namespace sirocco
