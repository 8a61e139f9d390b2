#pragma once

#include <vector>

#include "exec/placement.hpp"
#include "graph/graph.hpp"

namespace sirocco {

/// Nodes that one device runs in one go, in an order in which they can run.
struct SubGraph {
  size_t device = 0;
  std::vector<NodeId> nodes;
};

/// Cuts the graph into as few sub-graphs as a greedy walk finds, in an order in which they can run:
/// it stays on a device as long as anything there is ready; `separate`: into one a claimed set.
/// Claimed sets are never split, and nodes that share a state keep their order. Throws
/// Error(plugin) where claimed sets wait on each other.
std::vector<SubGraph> partition(const Graph& graph, const Placement& placement,
                                bool separate = false);

}  // namespace sirocco
