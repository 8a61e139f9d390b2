#include "trace_report.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace sirocco::cli {
namespace {

constexpr double kMilli = 1e3, kGiga = 1e-9, kPercent = 100;

/// Names and figures are as wide as they must be, so that columns stand under each other.
struct Widths {
  size_t name = 8;
  size_t op = 0;  ///< 0: no such column
};

std::string line(const Widths& widths, const std::string& name, const std::string& op,
                 const std::string& figures) {
  std::string text = fmt::format("  {:<{}}", name, widths.name);
  if (widths.op) text += fmt::format("  {:<{}}", op, widths.op);
  return text + figures + "\n";
}

std::string figures(int64_t calls, double seconds, double share) {
  return fmt::format(" {:>7} {:>11.3f} {:>7.1f}%", calls, kMilli * seconds, kPercent * share);
}

std::string heading(const Widths& widths, const std::string& what) {
  return line(
      widths, what, "op",
      fmt::format(" {:>7} {:>11} {:>8} {:>9} {:>9}", "calls", "ms", "share", "GFLOP/s", "GB/s"));
}

std::string row_line(const Widths& widths, const TraceRow& row, const std::string& name) {
  return line(widths, name, row.op,
              figures(row.calls, row.seconds, row.share) +
                  fmt::format(" {:>9.2f} {:>9.2f}", kGiga * row.flops_per_second(),
                              kGiga * row.bytes_per_second()));
}

/// Devices are named only where there are several.
std::string phase_text(const TraceSummary& phase, size_t top, bool devices) {
  const auto named = [&](const TraceRow& row) {
    return devices ? row.name + " @ " + row.device : row.name;
  };
  const size_t shown = std::min(top, phase.nodes.size());
  Widths ops, nodes;
  for (const TraceRow& row : phase.ops) ops.name = std::max(ops.name, named(row).size());
  for (size_t i = 0; i < shown; ++i) {
    nodes.name = std::max(nodes.name, named(phase.nodes[i]).size());
    nodes.op = std::max(nodes.op, phase.nodes[i].op.size());
  }
  std::string text = fmt::format("{}: {} step{}, {} tokens, {:.3f} ms\n", phase.label, phase.steps,
                                 phase.steps == 1 ? "" : "s", phase.tokens, kMilli * phase.seconds);
  text += heading(ops, "by op");
  for (const TraceRow& row : phase.ops) text += row_line(ops, row, named(row));
  text +=
      line(ops, "overhead", "", figures(phase.steps, phase.overhead_seconds, phase.overhead_share));
  text += line(ops, "in all", "", figures(phase.steps, phase.seconds, 1));
  if (shown == 0) return text;
  text += heading(nodes, fmt::format("node"));
  for (size_t i = 0; i < shown; ++i) text += row_line(nodes, phase.nodes[i], named(phase.nodes[i]));
  if (shown < phase.nodes.size())
    text += fmt::format("  {} more; --top shows them\n", phase.nodes.size() - shown);
  return text;
}

nlohmann::ordered_json to_json(const TraceRow& row, bool by_node) {
  nlohmann::ordered_json json;
  if (by_node) json["node"] = row.nodes.front();
  json["op"] = row.op;
  json["device"] = row.device;
  if (by_node) json["nodes"] = row.nodes;
  json["calls"] = row.calls;
  json["seconds"] = row.seconds;
  json["share"] = row.share;
  json["flops"] = row.flops;
  json["bytes"] = row.bytes;
  json["flops_per_second"] = row.flops_per_second();
  json["bytes_per_second"] = row.bytes_per_second();
  return json;
}

}  // namespace

std::string trace_text(const TraceRun& run, size_t top) {
  std::string text;
  for (const TraceSummary& phase : run.phases) {
    const bool devices = std::ranges::any_of(
        phase.ops, [&](const TraceRow& row) { return row.device != phase.ops.front().device; });
    text += phase_text(phase, top, devices) + "\n";
  }
  text += fmt::format("{} threads, {}\n", run.threads, run.placement);
  if (!run.untimed.empty()) {
    text += fmt::format("{} nodes have no time and count as overhead, {} the first of them\n",
                        run.untimed.size(), run.untimed.front());
  }
  return text;
}

nlohmann::ordered_json trace_json(const TraceRun& run) {
  nlohmann::ordered_json json = {{"model", run.model},
                                 {"placement", run.placement},
                                 {"threads", run.threads},
                                 {"untimed_nodes", run.untimed},
                                 {"phases", nlohmann::ordered_json::array()}};
  for (const TraceSummary& phase : run.phases) {
    nlohmann::ordered_json entry = {
        {"test", phase.label},
        {"steps", phase.steps},
        {"tokens", phase.tokens},
        {"seconds", phase.seconds},
        {"overhead", {{"seconds", phase.overhead_seconds}, {"share", phase.overhead_share}}},
        {"ops", nlohmann::ordered_json::array()},
        {"nodes", nlohmann::ordered_json::array()}};
    for (const TraceRow& row : phase.ops) entry["ops"].push_back(to_json(row, false));
    for (const TraceRow& row : phase.nodes) entry["nodes"].push_back(to_json(row, true));
    json["phases"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace sirocco::cli
