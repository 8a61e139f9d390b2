#include "runtime/plan_report.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "graph/op.hpp"

namespace sirocco {
namespace {

/// Bytes of one token's row, or of the whole value where it has no token dimension.
uint64_t transfer_bytes(const Plan& plan, const Transfer& transfer) {
  return plan.graph().values[transfer.value].type.bytes({});
}

/// Bytes the host copies so that a node's inputs reach its device, a token: counted at the first
/// node of a part that reads them.
std::vector<uint64_t> copied_bytes(const Plan& plan) {
  std::vector<uint64_t> copied(plan.graph().nodes.size(), 0);
  for (const PlannedPart& part : plan.parts()) {
    for (const Transfer& transfer : part.transfers) {
      for (NodeId id : part.part.nodes) {
        const auto& inputs = plan.graph().nodes[id].inputs;
        if (std::ranges::find(inputs, transfer.value) == inputs.end()) continue;
        copied[id] += transfer_bytes(plan, transfer);
        break;
      }
    }
  }
  return copied;
}

std::map<std::string, size_t> nodes_by_op(const Plan& plan) {
  std::map<std::string, size_t> counts;
  for (const Node& node : plan.graph().nodes) ++counts[node.op->full_name()];
  return counts;
}

struct WeightSum {
  size_t count = 0;
  int64_t elements = 0;
  uint64_t bytes = 0;
};

std::map<std::string, WeightSum> weights_by_dtype(const Plan& plan) {
  std::map<std::string, WeightSum> sums;
  for (const GraphWeight& weight : plan.graph().weights) {
    const TensorType& type = plan.graph().values[weight.value].type;
    WeightSum& sum = sums[type.quant ? type.quant->scheme : dtype_name(type.dtype)];
    ++sum.count;
    sum.elements += type.elements({});
    sum.bytes += type.bytes({});
  }
  return sums;
}

std::string window_text(const StateGroup& group) {
  if (group.kind == SIROCCO_STATE_RECURRENT) return "recurrent";
  return group.window ? fmt::format("window {}", group.window) : "full";
}

std::string limits_text(const Plan& plan) {
  const StepLimits& limits = plan.options().limits;
  return fmt::format("{} tokens and {} rows a step, {} sequences, context {}", limits.max_tokens,
                     limits.max_rows, limits.max_seqs, limits.max_context);
}

/// Why a node is where it is, and what every other device said to it.
std::string reason_text(const Plan& plan, const NodePlacement& placed) {
  std::string text = placed.reason;
  for (size_t d = 0; d < plan.devices().size(); ++d) {
    const bool told = placed.fallback && placed.reason.starts_with(plan.devices()[d].name + " ");
    if (d == placed.device || told) continue;
    text += fmt::format("; {}: {}", plan.devices()[d].name, describe(placed.verdicts[d]));
  }
  return text;
}

}  // namespace

std::string bytes_text(uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  double value = static_cast<double>(bytes);
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string plan_text(const Plan& plan) {
  std::string text = fmt::format("nodes       {}", plan.graph().nodes.size());
  const char* separator = ": ";
  for (const auto& [op, count] : nodes_by_op(plan)) {
    text += fmt::format("{}{} {}", separator, count, op);
    separator = ", ";
  }
  text += "\n";
  for (const auto& [dtype, sum] : weights_by_dtype(plan)) {
    text += fmt::format("weights     {} {} tensors, {} values, {}\n", sum.count, dtype,
                        sum.elements, bytes_text(sum.bytes));
  }
  for (size_t g = 0; g < plan.groups().size(); ++g) {
    const StateGroup& group = plan.graph().groups[g];
    text += fmt::format("state       {}: {} {}, {} a {}, {} pages of {} tokens\n", group.name,
                        dtype_name(group.dtype), window_text(group),
                        bytes_text(plan.groups()[g].bytes_per_token),
                        group.kind == SIROCCO_STATE_RECURRENT ? "sequence" : "token",
                        plan.groups()[g].n_pages, group.page_tokens);
  }
  const MemoryPlan memory = plan.memory();
  text += fmt::format(
      "memory      {} at most: weights {} mapped, {} packed; state {}; arenas {}\n"
      "            for {}\n",
      bytes_text(memory.total()), bytes_text(memory.weights_mapped),
      bytes_text(memory.weights_packed), bytes_text(memory.state), bytes_text(memory.arenas),
      limits_text(plan));
  text += fmt::format("placement   {}, {} sub-graph{}\n",
                      placement_line(plan.placement(), plan.devices()), plan.parts().size(),
                      plan.parts().size() == 1 ? "" : "s");
  return text;
}

std::string explain_text(const Plan& plan) {
  const std::vector<uint64_t> copied = copied_bytes(plan);
  std::string text = fmt::format("{:<34} {:<14} {:<16} {:>12}  {}\n", "node", "op", "device",
                                 "copied/token", "reason");
  for (NodeId id = 0; id < plan.graph().nodes.size(); ++id) {
    const Node& node = plan.graph().nodes[id];
    const NodePlacement& placed = plan.placement().nodes[id];
    text += fmt::format("{:<34} {:<14} {:<16} {:>12}  {}\n", node.path, node.op->full_name(),
                        plan.devices()[placed.device].name,
                        copied[id] ? bytes_text(copied[id]) : "-", reason_text(plan, placed));
  }
  return text;
}

namespace {

/// What is planned for each device.
nlohmann::json devices_json(const Plan& plan) {
  nlohmann::json devices = nlohmann::json::array();
  for (size_t d = 0; d < plan.devices().size(); ++d) {
    uint64_t weights = 0, state = 0;
    for (const PlannedWeight& weight : plan.weights())
      if (weight.device == d)
        weights += weight.pack.as_mapped ? weight.file_bytes : weight.pack.bytes;
    for (const PlannedGroup& group : plan.groups()) state += group.device_bytes[d];
    devices.push_back(
        {{"name", plan.devices()[d].name},
         {"nodes", std::ranges::count(plan.placement().nodes, d, &NodePlacement::device)},
         {"weights", weights},
         {"state", state},
         {"arena", plan.arena_bytes()[d]}});
  }
  return devices;
}

}  // namespace

nlohmann::json plan_json(const Plan& plan, bool explain) {
  const MemoryPlan memory = plan.memory();
  nlohmann::json json;
  json["nodes"] = {{"total", plan.graph().nodes.size()}, {"by_op", nodes_by_op(plan)}};
  for (const auto& [dtype, sum] : weights_by_dtype(plan)) {
    json["weights"][dtype] = {
        {"tensors", sum.count}, {"values", sum.elements}, {"bytes", sum.bytes}};
  }
  json["state"] = nlohmann::json::array();
  for (size_t g = 0; g < plan.groups().size(); ++g) {
    const StateGroup& group = plan.graph().groups[g];
    json["state"].push_back({{"group", group.name},
                             {"dtype", dtype_name(group.dtype)},
                             {"window", group.window},
                             {"page_tokens", group.page_tokens},
                             {"pages", plan.groups()[g].n_pages},
                             {"bytes_per_token", plan.groups()[g].bytes_per_token}});
  }
  json["memory"] = {{"total", memory.total()},
                    {"weights_mapped", memory.weights_mapped},
                    {"weights_packed", memory.weights_packed},
                    {"state", memory.state},
                    {"arenas", memory.arenas}};
  json["devices"] = devices_json(plan);
  json["placement"] = {{"line", placement_line(plan.placement(), plan.devices())},
                       {"sub_graphs", plan.parts().size()},
                       {"fallback_nodes", plan.placement().n_fallback}};
  if (!explain) return json;
  const std::vector<uint64_t> copied = copied_bytes(plan);
  json["explain"] = nlohmann::json::array();
  for (NodeId id = 0; id < plan.graph().nodes.size(); ++id) {
    const Node& node = plan.graph().nodes[id];
    const NodePlacement& placed = plan.placement().nodes[id];
    nlohmann::json verdicts;
    for (size_t d = 0; d < plan.devices().size(); ++d)
      verdicts[plan.devices()[d].name] = describe(placed.verdicts[d]);
    json["explain"].push_back({{"node", node.path},
                               {"verdicts", verdicts},
                               {"op", node.op->full_name()},
                               {"device", plan.devices()[placed.device].name},
                               {"copied_bytes_per_token", copied[id]},
                               {"fallback", placed.fallback},
                               {"reason", placed.reason}});
  }
  return json;
}

}  // namespace sirocco
