#include "trace/perfetto.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sirocco {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kHost = 1;
constexpr int kFirstDevice = 2;
/// Not 1, for Perfetto takes a thread with the number of its process for the main one.
constexpr uint32_t kFirstThread = 100;

class Writer {
 public:
  Writer(AtomicOutput& output, const Plan& plan, const Trace& trace)
      : output_(output), plan_(plan), trace_(trace) {
    for (size_t r = 0; r < trace.regions.size(); ++r) regions_[trace.regions[r].nodes[0]] = r;
    for (const TracedPhase& phase : trace.phases)
      for (const TracedStep& step : phase.steps) {
        origin_ns_ = std::min(origin_ns_, step.fed.begin_ns);
        // A device's clock may be laid a little before the host's.
        for (const NodeTime& time : step.times) origin_ns_ = std::min(origin_ns_, time.begin_ns);
      }
  }

  void write(const std::string& model) {
    const Json about = {{"model", model},
                        {"placement", placement_line(plan_.placement(), plan_.devices())}};
    put("{\"displayTimeUnit\":\"ns\",\"otherData\":" + text_of(about) + ",\"traceEvents\":[");
    name_tracks();
    for (const TracedPhase& phase : trace_.phases)
      for (const TracedStep& step : phase.steps) write_step(phase, step);
    put("\n]}\n");
    flush();
  }

 private:
  static std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  }

  void put(const std::string& text) {
    constexpr size_t kEnough = 1 << 20;
    buffer_ += text;
    if (buffer_.size() >= kEnough) flush();
  }

  void flush() {
    output_.write(buffer_.data(), buffer_.size());
    buffer_.clear();
  }

  void event(const Json& json) {
    put((first_ ? "\n" : ",\n") + text_of(json));
    first_ = false;
  }

  double microseconds(uint64_t ns) const { return static_cast<double>(ns - origin_ns_) / 1e3; }

  void name_thread(int pid, uint32_t tid, const std::string& text) {
    event({{"ph", "M"},
           {"name", "thread_name"},
           {"pid", pid},
           {"tid", tid},
           {"args", {{"name", text}}}});
  }

  /// The sort index is for chrome://tracing; Perfetto puts the process with the most slices first.
  void name_process(int pid, const std::string& text) {
    event({{"ph", "M"}, {"name", "process_name"}, {"pid", pid}, {"args", {{"name", text}}}});
    event({{"ph", "M"},
           {"name", "process_sort_index"},
           {"pid", pid},
           {"args", {{"sort_index", pid}}}});
  }

  void name_tracks() {
    name_process(kHost, "host");
    name_thread(kHost, kFirstThread, "steps");
    std::map<size_t, std::set<uint32_t>> threads;
    for (const TracedPhase& phase : trace_.phases)
      for (const TracedStep& step : phase.steps)
        for (const NodeTime& time : step.times) threads[time.device].insert(time.thread);
    for (const auto& [device, ids] : threads) {
      const Device& of = plan_.devices()[device];
      const int pid = kFirstDevice + static_cast<int>(device);
      name_process(pid, of.name);
      for (const uint32_t id : ids) {
        const auto tid = static_cast<uint32_t>(kFirstThread + 1 + tids_.size());
        tids_[{device, id}] = tid;
        name_thread(pid, tid, fmt::format("{} {}", of.host_visible() ? "thread" : "queue", id));
      }
    }
  }

  void write_step(const TracedPhase& phase, const TracedStep& step) {
    const double overhead = static_cast<double>(step.overhead_ns()) / 1e3;
    event({{"ph", "X"},
           {"name", step.label},
           {"cat", "step"},
           {"ts", microseconds(step.fed.begin_ns)},
           {"dur", static_cast<double>(step.fed.ns()) / 1e3},
           {"pid", kHost},
           {"tid", kFirstThread},
           {"args",
            {{"phase", phase.label},
             {"tokens", step.fed.tokens},
             {"depth", step.depth},
             {"kernels_us", static_cast<double>(step.kernel_ns) / 1e3},
             {"overhead_us", overhead}}}});
    counter(step.fed.begin_ns, overhead);
    // Between steps there is none.
    counter(step.fed.end_ns, 0);
    std::map<size_t, Json> arguments;  // by region
    for (const NodeTime& time : step.times) {
      const size_t r = regions_.at(time.node);
      if (!arguments.contains(r)) arguments[r] = arguments_of(trace_.regions[r], step);
      event({{"ph", "X"},
             {"name", region_name(plan_.graph(), trace_.regions[r])},
             {"cat", "node"},
             {"ts", microseconds(time.begin_ns)},
             {"dur", static_cast<double>(time.end_ns - time.begin_ns) / 1e3},
             {"pid", kFirstDevice + static_cast<int>(time.device)},
             {"tid", tids_.at({time.device, time.thread})},
             {"args", arguments[r]}});
    }
  }

  void counter(uint64_t ns, double overhead) {
    event({{"ph", "C"},
           {"name", "overhead"},
           {"pid", kHost},
           {"ts", microseconds(ns)},
           {"args", {{"us", overhead}}}});
  }

  Json arguments_of(const Region& region, const TracedStep& step) const {
    const Graph& graph = plan_.graph();
    const Cost cost = region_cost(graph, region, step.extents(), step.context());
    Json arguments = {{"op", region_op(graph, region)}};
    const int layer = graph.nodes[region.nodes[0]].layer;
    if (layer >= 0) arguments["layer"] = layer;
    arguments["output"] = region_outputs(graph, region, step.extents());
    // Of other numbers viewers show the ".0".
    arguments["flops"] = static_cast<int64_t>(cost.flops);
    arguments["bytes"] = static_cast<int64_t>(cost.bytes);
    if (region.nodes.size() > 1)
      for (const NodeId id : region.nodes) arguments["nodes"].push_back(graph.nodes[id].path);
    return arguments;
  }

  AtomicOutput& output_;
  const Plan& plan_;
  const Trace& trace_;
  std::map<NodeId, size_t> regions_;  ///< by the node that times name
  /// By device and thread: unique over all processes, as the system's own are, which is what
  /// viewers may take them for.
  std::map<std::pair<size_t, uint32_t>, uint32_t> tids_;
  std::string buffer_;
  uint64_t origin_ns_ = UINT64_MAX;
  bool first_ = true;
};

}  // namespace

void write_perfetto(AtomicOutput& output, const Plan& plan, const std::string& model,
                    const Trace& trace) {
  Writer(output, plan, trace).write(model);
}

}  // namespace sirocco
