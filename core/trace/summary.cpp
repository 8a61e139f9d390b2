#include "trace/summary.hpp"

#include <algorithm>
#include <map>

namespace sirocco {
namespace {

constexpr double kNano = 1e-9;

void add(const TraceRow& row, TraceRow& sum) {
  sum.calls += row.calls;
  sum.seconds += row.seconds;
  sum.share += row.share;
  sum.flops += row.flops;
  sum.bytes += row.bytes;
}

}  // namespace

TraceSummary summarise(const Plan& plan, const Trace& trace, const TracedPhase& phase) {
  TraceSummary summary;
  summary.label = phase.label;
  summary.steps = static_cast<int64_t>(phase.steps.size());
  for (const TracedStep& step : phase.steps) {
    summary.tokens += step.fed.tokens;
    summary.seconds += kNano * static_cast<double>(step.fed.ns());
    summary.overhead_seconds += kNano * static_cast<double>(step.overhead_ns());
  }
  summary.overhead_share = summary.overhead_seconds / summary.seconds;
  std::map<std::pair<std::string, size_t>, TraceRow> ops;
  const Graph& graph = plan.graph();
  for (size_t r = 0; r < trace.regions.size(); ++r) {
    const Region& region = trace.regions[r];
    TraceRow row;
    row.name = region_name(graph, region);
    row.op = region_op(graph, region);
    row.device = plan.devices()[region.device].name;
    for (const NodeId id : region.nodes) row.nodes.push_back(graph.nodes[id].path);
    for (const TracedStep& step : phase.steps) {
      if (step.region_ns[r] == 0) continue;
      ++row.calls;
      row.seconds += kNano * static_cast<double>(step.region_ns[r]);
      const Cost cost = region_cost(graph, region, step.extents(), step.context());
      row.flops += cost.flops;
      row.bytes += cost.bytes;
    }
    if (row.calls == 0) continue;
    row.share = row.seconds / summary.seconds;
    TraceRow& of_op = ops[{row.op, region.device}];
    of_op.name = of_op.op = row.op;
    of_op.device = row.device;
    add(row, of_op);
    summary.nodes.push_back(std::move(row));
  }
  for (auto& [key, row] : ops) summary.ops.push_back(std::move(row));
  std::ranges::stable_sort(summary.ops, std::greater(), &TraceRow::seconds);
  std::ranges::stable_sort(summary.nodes, std::greater(), &TraceRow::seconds);
  return summary;
}

}  // namespace sirocco
