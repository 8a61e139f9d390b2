#pragma once

#include <string>
#include <vector>

#include "exec/placement.hpp"
#include "graph/graph.hpp"

namespace sirocco {

struct OpDef;

/// Where a plan's outputs hold what was sampled, as indices into Plan::outputs().
struct PlannedSampling {
  size_t logits = 0;  ///< [R, V] float, what is sampled from
  size_t ids = 0;     ///< [R] i32; negative where a row is no distribution
};

/// Appends a node that samples the placed graph's output "logits" on the device that makes it, and
/// an output of its ids, the graph's last. It is no part of the model, so it leaves the placement
/// of the rest alone: where the device declines, nothing has changed. Returns why that is, or
/// nothing where the node was appended.
std::string append_sampling(Graph& graph, Placement& placement, const std::vector<Device>& devices,
                            const StepLimits& limits, const OpDef& sample);

}  // namespace sirocco
