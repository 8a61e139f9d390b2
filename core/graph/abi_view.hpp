#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include <sirocco/abi/graph.h>

#include "graph/abi_tensor.hpp"
#include "graph/graph.hpp"

namespace sirocco {

/// A part of a graph as backends see it: a `sirocco_graph` with numbers of its own for values,
/// nodes and states. Owns everything it points to, so the graph may go; `get()` stays valid until
/// this object is destroyed or moved from.
///
/// Kinds: WEIGHT and those of the step buffer stay; a value made outside is an INPUT; one made
/// inside is an OUTPUT where a node outside uses it, the graph outputs it or `wanted_outputs` names
/// it, else INTERNAL. A value's `producer` is an index into the view's nodes.
class AbiGraph {
 public:
  /// `nodes` in any order, each once; the view holds them in the graph's order. Wanted outputs that
  /// other nodes make are ignored, so that one list serves all parts of a graph. Throws
  /// Error(failure) for an id outside the graph and for a node given twice.
  AbiGraph(const Graph& graph, std::span<const NodeId> nodes,
           std::span<const ValueId> wanted_outputs = {});
  AbiGraph(AbiGraph&&) = default;
  AbiGraph& operator=(AbiGraph&&) = default;

  const sirocco_graph* get() const { return &view_; }
  /// By the view's value index: the graph's value.
  std::span<const ValueId> values() const { return value_ids_; }
  /// By the view's node index: the graph's node.
  std::span<const NodeId> nodes() const { return node_ids_; }
  /// By the view's state index: the index into Graph::states.
  std::span<const uint32_t> states() const { return state_ids_; }
  /// The view's index of a value of the graph; kNone where the view does not hold it.
  uint32_t local(ValueId value) const;

 private:
  uint32_t value_index(const Graph& graph, ValueId value);
  int64_t state_index(const Graph& graph, StateRef state);
  void add_node(const Graph& graph, NodeId id);
  void set_producers_and_outputs(const Graph& graph, std::span<const ValueId> wanted_outputs);
  void mark_output(ValueId value);

  AbiStorage storage_;
  std::vector<ValueId> value_ids_;
  std::vector<NodeId> node_ids_;
  std::vector<uint32_t> state_ids_;
  std::unordered_map<ValueId, uint32_t> local_;
  std::vector<sirocco_value> abi_values_;
  std::vector<sirocco_node> abi_nodes_;
  std::vector<sirocco_state> abi_states_;
  std::vector<std::vector<uint32_t>> indices_;    ///< inputs and outputs of the nodes
  std::vector<std::vector<sirocco_attr>> attrs_;  ///< of the nodes
  sirocco_graph view_{};
};

/// One of Graph::states with what its group says of it.
sirocco_state abi_state(const Graph& graph, uint32_t index);

}  // namespace sirocco
