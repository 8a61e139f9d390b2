#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "exec/executor.hpp"
#include "exec/plan.hpp"
#include "graph/op.hpp"

namespace sirocco {

/// Nodes that a backend ran as one and gave one time for. That time is not divided among them: what
/// share each had is known to nobody.
struct Region {
  std::vector<NodeId> nodes;  ///< in the order of the sub-graph; times name the first
  size_t device = 0;
};

/// The regions of a plan, as the times of a step tell them: where a node has no time of its own, it
/// ran with the last one before it, in its sub-graph, that has (see `sirocco_node_time`). Nodes
/// before the first that has a time are in no region.
std::vector<Region> find_regions(const Plan& plan, std::span<const NodeTime> times);

/// The ops of the nodes: "linear", "rms_norm+linear*3+rope*2".
std::string region_op(const Graph& graph, const Region& region);
/// Path of the first node, and how many more: "layers.0/x", "layers.0/x +6".
std::string region_name(const Graph& graph, const Region& region);
/// Values that the region leaves behind for others, with their types at these sizes:
/// "layers.0/q: bf16 [32, 256]".
std::vector<std::string> region_outputs(const Graph& graph, const Region& region,
                                        const Extents& extents);
/// The sum of the costs of its nodes. Of its bytes, those of values that never leave it are taken
/// off, and a value that several of its nodes read counts once.
Cost region_cost(const Graph& graph, const Region& region, const Extents& extents, int64_t context);

}  // namespace sirocco
