#pragma once

#include <functional>
#include <string>
#include <vector>

#include "exec/backend.hpp"
#include "exec/options.hpp"
#include "graph/graph.hpp"

namespace sirocco {

/// What one device said about one node.
struct Verdict {
  uint32_t verdict = SIROCCO_CLAIM_DECLINED;
  uint32_t reason = SIROCCO_REASON_NONE;
  std::string text;
  double cost = 0;
};

/// Where one node runs and why.
struct NodePlacement {
  size_t device = 0;      ///< index into the devices
  uint32_t unit = 0;      ///< nodes of one claimed set share a unit and are never split
  bool fallback = false;  ///< not where the rules or the order wanted it first
  std::string reason;
  std::vector<Verdict> verdicts;  ///< by device
};

struct Placement {
  std::vector<NodePlacement> nodes;  ///< by NodeId of the (maybe expanded) graph
  size_t n_fallback = 0;
};

/// Replaces a node by its op's decomposition; ids of later nodes may change.
using ExpandNode = std::function<void(Graph&, NodeId)>;

/// Asks every device what it would run, obeys the rules, then the order of the devices, then the
/// size of the claimed sets; expands composite nodes that nobody claims. Throws Error(plugin) that
/// names the node and every device's reason where a node finds no place, or where fallback is
/// forbidden and would be needed.
Placement place(Graph& graph, const std::vector<Device>& devices, const PlacementOptions& options,
                const StepLimits& limits, const ExpandNode& expand);

/// What one device says of one node by itself.
Verdict ask(const Graph& graph, NodeId node, const Device& device, const StepLimits& limits);

/// "unknown op: no kernel for it": the reason's name, and what the backend said.
std::string describe(const Verdict& verdict);

/// "name 292/292 nodes", one entry a device that has any, joined by ", ".
std::string placement_line(const Placement& placement, const std::vector<Device>& devices);

}  // namespace sirocco
