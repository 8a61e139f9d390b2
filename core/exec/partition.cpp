#include "exec/partition.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <sirocco/error.hpp>

namespace sirocco {
namespace {

/// A claimed set as one step of the walk.
struct Unit {
  size_t device = 0;
  std::vector<NodeId> nodes;
  std::set<uint32_t> after;      ///< units that must come first and have not yet
  std::vector<uint32_t> before;  ///< units that wait for this one
};

/// Nodes that each node must follow: the makers of its inputs, and the previous user of its state.
std::vector<std::vector<NodeId>> predecessors(const Graph& graph) {
  std::vector<std::vector<NodeId>> before(graph.nodes.size());
  std::map<uint32_t, NodeId> last_user;
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    for (ValueId input : graph.nodes[id].inputs) {
      if (input != kNone && graph.values[input].producer != kNone)
        before[id].push_back(graph.values[input].producer);
    }
    for (const Attr& attr : graph.nodes[id].attrs) {
      const auto* state = std::get_if<StateRef>(&attr.value);
      if (!state) continue;
      if (const auto found = last_user.find(state->index); found != last_user.end())
        before[id].push_back(found->second);
      last_user[state->index] = id;
    }
  }
  return before;
}

std::vector<Unit> make_units(const Graph& graph, const Placement& placement) {
  std::map<uint32_t, uint32_t> index;  // unit number → place in `units`, in node order
  std::vector<Unit> units;
  std::vector<uint32_t> unit_of(graph.nodes.size());
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    const auto [entry, fresh] =
        index.try_emplace(placement.nodes[id].unit, static_cast<uint32_t>(units.size()));
    if (fresh) units.push_back({placement.nodes[id].device, {}, {}, {}});
    unit_of[id] = entry->second;
    units[entry->second].nodes.push_back(id);
  }
  const auto before = predecessors(graph);
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    for (NodeId earlier : before[id]) {
      const uint32_t from = unit_of[earlier], to = unit_of[id];
      if (from != to && units[to].after.insert(from).second) units[from].before.push_back(to);
    }
  }
  return units;
}

}  // namespace

std::vector<SubGraph> partition(const Graph& graph, const Placement& placement, bool separate) {
  std::vector<Unit> units = make_units(graph, placement);
  // Ready units by device, lowest first: units are numbered in node order.
  std::map<size_t, std::set<uint32_t>> ready;
  for (uint32_t u = 0; u < units.size(); ++u)
    if (units[u].after.empty()) ready[units[u].device].insert(u);

  std::vector<SubGraph> parts;
  size_t done = 0;
  while (done < units.size()) {
    const bool stay = !parts.empty() && !ready[parts.back().device].empty();
    if (!stay || separate) {
      size_t next = kNone;
      uint32_t lowest = kNone;
      for (const auto& [device, waiting] : ready) {
        if (!waiting.empty() && *waiting.begin() < lowest) {
          lowest = *waiting.begin();
          next = device;
        }
      }
      if (next == kNone)
        throw Error(ErrorKind::plugin, "the claimed sets of the backends wait on each other");
      parts.push_back({next, {}});
    }
    auto& waiting = ready[parts.back().device];
    const uint32_t u = *waiting.begin();
    waiting.erase(waiting.begin());
    parts.back().nodes.insert(parts.back().nodes.end(), units[u].nodes.begin(),
                              units[u].nodes.end());
    ++done;
    for (uint32_t later : units[u].before) {
      units[later].after.erase(u);
      if (units[later].after.empty()) ready[units[later].device].insert(later);
    }
  }
  return parts;
}

}  // namespace sirocco
