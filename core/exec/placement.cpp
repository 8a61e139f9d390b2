#include "exec/placement.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <numeric>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "graph/abi_view.hpp"
#include "graph/op.hpp"

namespace sirocco {
namespace {

constexpr int kMaxExpansionRounds = 16;

/// A set of nodes that one device accepted.
struct Claim {
  size_t device;
  std::vector<NodeId> nodes;
  std::string text;
};

struct Claims {
  std::vector<Claim> accepted;
  std::vector<std::vector<Verdict>> verdicts;  ///< [node][device]
};

const char* reason_name(uint32_t reason) {
  switch (reason) {
    case SIROCCO_REASON_UNKNOWN_OP:
      return "unknown op";
    case SIROCCO_REASON_DTYPE:
      return "dtype";
    case SIROCCO_REASON_SHAPE:
      return "shape";
    case SIROCCO_REASON_ATTRIBUTE:
      return "attribute";
    case SIROCCO_REASON_FEATURE:
      return "the device lacks a feature";
    case SIROCCO_REASON_MEMORY:
      return "memory";
    case SIROCCO_REASON_OPTION:
      return "turned off by an option";
    default:
      return "declined";
  }
}

}  // namespace

std::string describe(const Verdict& verdict) {
  if (verdict.verdict == SIROCCO_CLAIM_ACCEPTED) return "accepted";
  std::string text = reason_name(verdict.reason);
  if (verdict.verdict == SIROCCO_CLAIM_ERROR) text = "error";
  return verdict.text.empty() ? text : text + ": " + verdict.text;
}

namespace {

/// Collects what one device says. Claims about nodes that do not exist, or about one node twice,
/// are dropped: a plugin is not trusted with the host's memory.
struct Collector {
  size_t device;
  size_t n_nodes;
  Claims* claims;
  std::exception_ptr thrown = nullptr;  ///< must not pass through the plugin's frames

  static void add(void* ctx, const sirocco_claim* given) noexcept {
    auto& self = *static_cast<Collector*>(ctx);
    if (!given || self.thrown) return;
    // Of a plugin older than this host the tail is absent.
    sirocco_claim claim{};
    std::memcpy(&claim, given, std::min(given->struct_size, sizeof claim));
    try {
      self.take(claim);
    } catch (...) {
      self.thrown = std::current_exception();
    }
  }

  bool names_nodes(const sirocco_claim& claim) const {
    if (!claim.nodes || claim.n_nodes == 0 || claim.n_nodes > n_nodes) return false;
    std::vector<NodeId> nodes(claim.nodes, claim.nodes + claim.n_nodes);
    std::ranges::sort(nodes);
    return nodes.back() < n_nodes && std::ranges::adjacent_find(nodes) == nodes.end();
  }

  void take(const sirocco_claim& claim) {
    if (!names_nodes(claim)) return;
    const std::vector<NodeId> nodes(claim.nodes, claim.nodes + claim.n_nodes);
    const Verdict verdict{
        claim.verdict, claim.reason,
        claim.text.data ? std::string(claim.text.data, claim.text.size) : std::string(),
        claim.cost};
    for (NodeId id : nodes) {
      Verdict& known = claims->verdicts[id][device];
      if (known.verdict != SIROCCO_CLAIM_ACCEPTED) known = verdict;
    }
    if (claim.verdict == SIROCCO_CLAIM_ACCEPTED)
      claims->accepted.push_back({device, nodes, verdict.text});
  }
};

/// What no verdict at all amounts to.
Verdict silent() {
  return {SIROCCO_CLAIM_DECLINED, SIROCCO_REASON_UNKNOWN_OP, "no verdict given", 0};
}

/// Fills the collector with what the device says of the view's nodes.
void claim(const AbiGraph& view, const Device& device, const StepLimits& limits,
           Collector collector) {
  const sirocco_limits abi_limits{sizeof(sirocco_limits), limits.max_tokens, limits.max_seqs,
                                  limits.max_rows, limits.max_context};
  const sirocco_claim_sink sink{sizeof sink, &collector, &Collector::add};
  const Backend& backend = *device.backend;
  backend.call(backend.interface().claim, "claim", device.index, view.get(), &abi_limits, &sink);
  if (collector.thrown) std::rethrow_exception(collector.thrown);
}

Claims collect(const Graph& graph, const std::vector<Device>& devices, const StepLimits& limits) {
  Claims claims;
  claims.verdicts.assign(graph.nodes.size(), std::vector<Verdict>(devices.size(), silent()));
  std::vector<NodeId> all(graph.nodes.size());
  std::iota(all.begin(), all.end(), 0);
  const AbiGraph view(graph, all, {});
  for (size_t d = 0; d < devices.size(); ++d)
    claim(view, devices[d], limits, {d, graph.nodes.size(), &claims});
  // Ties between devices go to the earlier one, ties within a device to the larger set.
  std::stable_sort(
      claims.accepted.begin(), claims.accepted.end(), [](const auto& a, const auto& b) {
        return a.device != b.device ? a.device < b.device : a.nodes.size() > b.nodes.size();
      });
  return claims;
}

bool glob_match(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p, ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool matches(const PlacementRule& rule, const Node& node) {
  const auto contains = [](const auto& list, const auto& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
  };
  if (!rule.layers.empty() && !contains(rule.layers, node.layer)) return false;
  if (!rule.ops.empty() && !contains(rule.ops, node.op->full_name())) return false;
  return rule.nodes.empty() || std::any_of(rule.nodes.begin(), rule.nodes.end(),
                                           [&](auto& glob) { return glob_match(glob, node.path); });
}

/// The device a rule wants for each node; `kNone` where no rule speaks.
std::vector<uint32_t> forced_devices(const Graph& graph, const std::vector<Device>& devices,
                                     const PlacementOptions& options) {
  std::vector<uint32_t> forced(graph.nodes.size(), kNone);
  std::vector<uint32_t> rule_device;
  for (const PlacementRule& rule : options.rules) {
    auto found = std::ranges::find(devices, rule.device, &Device::name);
    if (found == devices.end()) {
      // A backend of which only another device than the first is in use.
      found = std::ranges::find_if(
          devices, [&](const Device& d) { return d.backend->name() == rule.device; });
    }
    if (found == devices.end()) {
      std::string known;
      for (const Device& d : devices) known += (known.empty() ? "" : ", ") + d.name;
      throw Error(ErrorKind::plugin, rule.origin + ": placement on '" + rule.device +
                                         "', which is not among the backends (" + known + ")");
    }
    rule_device.push_back(static_cast<uint32_t>(found - devices.begin()));
  }
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    for (size_t r = 0; r < options.rules.size() && forced[id] == kNone; ++r)
      if (matches(options.rules[r], graph.nodes[id])) forced[id] = rule_device[r];
  }
  return forced;
}

std::string all_reasons(const std::vector<Verdict>& verdicts, const std::vector<Device>& devices) {
  std::string text;
  for (size_t d = 0; d < devices.size(); ++d)
    text += fmt::format("\n  {}: {}", devices[d].name, describe(verdicts[d]));
  return text;
}

/// Expands what nobody would run (or what its forced device declines); true where it changed the
/// graph.
bool expand_unclaimed(Graph& graph, const Claims& claims, const std::vector<uint32_t>& forced,
                      const ExpandNode& expand) {
  std::vector<NodeId> to_expand;
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    if (graph.nodes[id].op->decomposition.empty()) continue;
    const auto& verdicts = claims.verdicts[id];
    const bool wanted = forced[id] != kNone
                            ? verdicts[forced[id]].verdict == SIROCCO_CLAIM_ACCEPTED
                            : std::any_of(verdicts.begin(), verdicts.end(), [](auto& v) {
                                return v.verdict == SIROCCO_CLAIM_ACCEPTED;
                              });
    if (!wanted) to_expand.push_back(id);
  }
  // From the back, so that the ids still to come keep their meaning.
  for (auto id = to_expand.rbegin(); id != to_expand.rend(); ++id) expand(graph, *id);
  return !to_expand.empty();
}

void assign(Placement& placement, const Claims& claims, const std::vector<uint32_t>& forced,
            bool honour_rules) {
  uint32_t next_unit = static_cast<uint32_t>(placement.nodes.size());
  for (const Claim& claim : claims.accepted) {
    const bool free = std::all_of(claim.nodes.begin(), claim.nodes.end(), [&](NodeId id) {
      const bool allowed = !honour_rules || forced[id] == kNone || forced[id] == claim.device;
      return placement.nodes[id].device == kNone && allowed;
    });
    if (!free) continue;
    const uint32_t unit = claim.nodes.size() == 1 ? claim.nodes[0] : next_unit++;
    for (NodeId id : claim.nodes) {
      placement.nodes[id].device = claim.device;
      placement.nodes[id].unit = unit;
      placement.nodes[id].reason = claim.text;
    }
  }
}

/// Says of each node whether it is where it was wanted, and why not.
void explain(Placement& placement, const Graph& graph, const std::vector<Device>& devices,
             const std::vector<uint32_t>& forced) {
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    NodePlacement& node = placement.nodes[id];
    if (node.device == kNone) {
      throw Error(ErrorKind::plugin,
                  fmt::format("no backend runs node {} ({}, {}):{}", graph.nodes[id].path,
                              graph.nodes[id].op->full_name(), graph.nodes[id].place.to_string(),
                              all_reasons(node.verdicts, devices)));
    }
    const size_t wanted = forced[id] == kNone ? 0 : forced[id];
    node.fallback = node.device != wanted;
    if (node.fallback) {
      ++placement.n_fallback;
      node.reason = devices[wanted].name + " declined: " + describe(node.verdicts[wanted]);
    } else if (node.reason.empty()) {
      node.reason = forced[id] == kNone ? "first in order" : "placement rule";
    }
  }
}

void refuse_fallback(const Placement& placement, const Graph& graph,
                     const std::vector<Device>& devices) {
  std::string text;
  size_t shown = 0;
  for (NodeId id = 0; id < graph.nodes.size() && shown < 5; ++id) {
    if (!placement.nodes[id].fallback) continue;
    text += fmt::format("\n  {} ({}): {}", graph.nodes[id].path, graph.nodes[id].op->full_name(),
                        placement.nodes[id].reason);
    ++shown;
  }
  throw Error(ErrorKind::plugin,
              fmt::format("fallback is forbidden, but {} of {} nodes would leave {}:{}",
                          placement.n_fallback, graph.nodes.size(), devices[0].name, text));
}

}  // namespace

Placement place(Graph& graph, const std::vector<Device>& devices, const PlacementOptions& options,
                const StepLimits& limits, const ExpandNode& expand) {
  if (devices.empty()) {
    throw Error(ErrorKind::plugin, "no backend to place the model on; name one in the deployment");
  }
  Claims claims = collect(graph, devices, limits);
  std::vector<uint32_t> forced = forced_devices(graph, devices, options);
  for (int round = 0; expand_unclaimed(graph, claims, forced, expand); ++round) {
    if (round == kMaxExpansionRounds)
      throw Error(ErrorKind::plugin, "an op's decomposition does not end in ops without one");
    claims = collect(graph, devices, limits);
    forced = forced_devices(graph, devices, options);
  }
  Placement placement;
  placement.nodes.resize(graph.nodes.size());
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    placement.nodes[id].device = kNone;
    placement.nodes[id].verdicts = claims.verdicts[id];
  }
  assign(placement, claims, forced, true);
  assign(placement, claims, forced, false);
  explain(placement, graph, devices, forced);
  if (placement.n_fallback && options.fallback == Fallback::forbid)
    refuse_fallback(placement, graph, devices);
  return placement;
}

Verdict ask(const Graph& graph, NodeId node, const Device& device, const StepLimits& limits) {
  Claims claims;
  claims.verdicts = {{silent()}};
  claim(AbiGraph(graph, {&node, 1}), device, limits, {0, 1, &claims});
  return claims.verdicts[0][0];
}

std::string placement_line(const Placement& placement, const std::vector<Device>& devices) {
  std::string line;
  for (size_t d = 0; d < devices.size(); ++d) {
    const auto count = std::count_if(placement.nodes.begin(), placement.nodes.end(),
                                     [&](const NodePlacement& node) { return node.device == d; });
    if (count == 0) continue;
    line += fmt::format("{}{} {}/{} nodes", line.empty() ? "" : ", ", devices[d].name, count,
                        placement.nodes.size());
  }
  return line;
}

}  // namespace sirocco
