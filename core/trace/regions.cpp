#include "trace/regions.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

namespace sirocco {
namespace {

bool holds(const Region& region, NodeId node) {
  return std::ranges::find(region.nodes, node) != region.nodes.end();
}

/// Whether anything outside the region reads the value.
bool leaves(const Graph& graph, const Region& region, ValueId value) {
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    const auto& inputs = graph.nodes[id].inputs;
    if (!holds(region, id) && std::ranges::find(inputs, value) != inputs.end()) return true;
  }
  return std::ranges::find(graph.outputs, value, &GraphOutput::value) != graph.outputs.end();
}

/// How many of the region's nodes read each value.
std::map<ValueId, int> readers(const Graph& graph, const Region& region) {
  std::map<ValueId, int> counts;
  for (const NodeId id : region.nodes) {
    const auto& inputs = graph.nodes[id].inputs;
    for (const ValueId value : std::set<ValueId>(inputs.begin(), inputs.end()))
      if (value != kNone) ++counts[value];
  }
  return counts;
}

}  // namespace

std::vector<Region> find_regions(const Plan& plan, std::span<const NodeTime> times) {
  std::set<NodeId> timed;
  for (const NodeTime& time : times) timed.insert(time.node);
  std::vector<Region> regions;
  for (const PlannedPart& planned : plan.parts()) {
    bool begun = false;
    for (const NodeId node : planned.part.nodes) {
      if (timed.contains(node)) {
        regions.push_back({{}, planned.part.device});
        begun = true;
      }
      if (begun) regions.back().nodes.push_back(node);
    }
  }
  return regions;
}

std::string region_op(const Graph& graph, const Region& region) {
  std::vector<std::pair<std::string, int>> ops;  // in the order in which they come first
  for (const NodeId id : region.nodes) {
    const std::string name = graph.nodes[id].op->full_name();
    const auto known = std::ranges::find(ops, name, &std::pair<std::string, int>::first);
    if (known == ops.end()) {
      ops.emplace_back(name, 1);
    } else {
      ++known->second;
    }
  }
  std::string text;
  for (const auto& [name, count] : ops) {
    text += (text.empty() ? "" : "+") + name;
    if (count > 1) text += fmt::format("*{}", count);
  }
  return text;
}

std::string region_name(const Graph& graph, const Region& region) {
  const std::string& first = graph.nodes[region.nodes[0]].path;
  return region.nodes.size() == 1 ? first : fmt::format("{} +{}", first, region.nodes.size() - 1);
}

std::vector<std::string> region_outputs(const Graph& graph, const Region& region,
                                        const Extents& extents) {
  std::vector<std::string> outputs;
  for (const NodeId id : region.nodes) {
    for (const ValueId value : graph.nodes[id].outputs) {
      if (region.nodes.size() > 1 && !leaves(graph, region, value)) continue;
      TensorType type = graph.values[value].type;
      for (Dim& dim : type.shape) dim = Dim::constant(dim.at(extents));
      outputs.push_back(graph.values[value].name + ": " + type.to_string());
    }
  }
  return outputs;
}

Cost region_cost(const Graph& graph, const Region& region, const Extents& extents,
                 int64_t context) {
  Cost sum;
  for (const NodeId id : region.nodes) {
    const Cost cost = node_cost({graph.nodes[id], graph, extents, context});
    sum.flops += cost.flops;
    sum.bytes += cost.bytes;
  }
  if (region.nodes.size() == 1) return sum;
  for (const auto& [value, count] : readers(graph, region)) {
    const Value& read = graph.values[value];
    const bool made_here = read.producer != kNone && holds(region, read.producer);
    // A value made here is in a register or a cache when it is read: only its writing is left, and
    // that too only where somebody else needs it.
    int too_many = made_here ? count : count - 1;
    if (made_here && !leaves(graph, region, value)) ++too_many;
    sum.bytes -= too_many * static_cast<double>(read.type.bytes(extents));
  }
  return sum;
}

}  // namespace sirocco
