#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/op.hpp"

namespace sirocco {

/// Adds nodes to a graph, within limits.
class GraphBuilder {
 public:
  GraphBuilder(Graph& graph, sirocco_dtype numerics) : graph_(graph), numerics_(numerics) {}

  Graph& graph() { return graph_; }
  sirocco_dtype numerics() const { return numerics_; }

  /// Adds a value and returns its id.
  ValueId add_value(Value value);
  /// The value of a kind that the step buffer holds: TOKENS, POSITIONS or WANTED.
  ValueId step_input(uint32_t kind);
  /// Adds a node: attributes completed, types inferred. `inputs` in schema order. Its outputs are
  /// called `name`, or `name.<output>` where there are several. Throws Error(invalid_file) without
  /// a place.
  std::vector<ValueId> add_node(const OpDef& op, std::vector<ValueId> inputs,
                                std::vector<Attr> attrs, const std::string& name, int layer,
                                const Place& place);
  /// Calls a value made by a node something else.
  void rename(ValueId value, const std::string& name);
  /// Makes the names of the values from `first_value` on unique and gives the nodes from
  /// `first_node` on their paths.
  void finish(size_t first_value = 0, size_t first_node = 0);

 private:
  void charge(size_t bytes);

  Graph& graph_;
  sirocco_dtype numerics_;
  std::map<uint32_t, ValueId> step_inputs_;
  size_t bytes_ = 0;  ///< of names and attributes
};

}  // namespace sirocco
