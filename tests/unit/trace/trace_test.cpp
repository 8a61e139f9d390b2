// A golden model traced on a backend that runs node by node and on one that runs regions.

#include <set>

#include <nlohmann/json.hpp>
#include <sirocco/error.hpp>

#include "bench/work.hpp"
#include "catch.hpp"
#include "runtime/engine.hpp"
#include "trace/perfetto.hpp"
#include "trace/recorder.hpp"
#include "trace/summary.hpp"
#include "unit/weights/weights_files.hpp"

using namespace sirocco;

namespace {

constexpr TraceCase kCase{.depth = 3, .prompt = 10, .steps = 2};

/// The model on one backend, with room for 8 tokens a step, so that the prompt takes two.
class Traced {
 public:
  explicit Traced(const std::string& backend) : engine_(options(backend)) {
    ModelOptions wanted;
    wanted.numerics = SIROCCO_DTYPE_F32;
    wanted.context = 32;
    wanted.max_tokens = 8;
    wanted.timed = true;
    loaded_ = engine_.plan(
        engine_.resolve(std::string(SIROCCO_SOURCE_DIR) + "/tests/golden/models/mistral-swa"),
        wanted);
    trace_ = record_trace(loaded_->executor(), kCase, [this](int64_t done, int64_t total) {
      progress_ = {done, total};
    });
  }
  const Plan& plan() const { return loaded_->plan(); }
  const Graph& graph() const { return plan().graph(); }
  const Trace& trace() const { return trace_; }
  std::pair<int64_t, int64_t> progress() const { return progress_; }

 private:
  static EngineOptions options(const std::string& backend) {
    EngineOptions options;
    options.plugin_path = {std::string(SIROCCO_BUILD_DIR) + "/lib/sirocco/plugins"};
    options.deployment = std::string(SIROCCO_SOURCE_DIR) + "/configs/deployments/default.yaml";
    options.backends = {backend};
    options.threads = 2;
    return options;
  }

  Engine engine_;
  std::unique_ptr<LoadedModel> loaded_;
  Trace trace_;
  std::pair<int64_t, int64_t> progress_;
};

}  // namespace

TEST_CASE("steps are those that were run, each with its own times") {
  const Traced traced("reference");
  const Trace& trace = traced.trace();
  REQUIRE(trace.phases.size() == 2);
  CHECK(trace.phases[0].label == "pp10 @ d3");
  CHECK(trace.phases[1].label == "tg2 @ d13");
  REQUIRE(trace.phases[0].steps.size() == 2);
  REQUIRE(trace.phases[1].steps.size() == 2);
  const TracedStep& rest = trace.phases[0].steps[1];
  CHECK(rest.label == "pp2");
  CHECK(rest.depth == 11);
  CHECK(rest.context() == 13);
  CHECK(rest.fed.rows == 1);
  CHECK(trace.phases[0].steps[0].fed.rows == 0);
  CHECK(trace.phases[1].steps[1].label == "tg 1");
  CHECK(trace.phases[1].steps[1].depth == 14);
  CHECK(traced.progress() == std::pair<int64_t, int64_t>{30, 30});
  uint64_t before = 0;
  for (const TracedPhase& phase : trace.phases) {
    for (const TracedStep& step : phase.steps) {
      CHECK(step.fed.begin_ns >= before);
      before = step.fed.end_ns;
      CHECK(step.kernel_ns > 0);
      CHECK(step.overhead_ns() > 0);
      for (const NodeTime& time : step.times) {
        CHECK(time.begin_ns >= step.fed.begin_ns);
        CHECK(time.end_ns <= step.fed.end_ns);
      }
    }
  }
}

TEST_CASE("where every node has times, every node is a region") {
  const Traced traced("reference");
  REQUIRE(traced.trace().regions.size() == traced.graph().nodes.size());
  for (const Region& region : traced.trace().regions) {
    CHECK(region.nodes.size() == 1);
    const Node& node = traced.graph().nodes[region.nodes[0]];
    CHECK(region_name(traced.graph(), region) == node.path);
    CHECK(region_op(traced.graph(), region) == node.op->name);
  }
  CHECK(traced.trace().untimed.empty());
}

TEST_CASE("nodes that run as one are one region, and every node is in one") {
  const Traced traced("cpu-onednn");
  const Graph& graph = traced.graph();
  CHECK(traced.trace().untimed.empty());
  CHECK(traced.trace().regions.size() < graph.nodes.size());
  std::set<NodeId> seen;
  std::set<std::string> ops;
  for (const Region& region : traced.trace().regions) {
    for (const NodeId id : region.nodes) CHECK(seen.insert(id).second);
    ops.insert(region_op(graph, region));
  }
  CHECK(seen.size() == graph.nodes.size());
  // Of each layer: the norm, the three products and two rotations; attention; its product and the
  // residual; the second norm and the gate; the last product.
  CHECK(ops.contains("rms_norm+linear*3+rope*2"));
  CHECK(ops.contains("attention"));
  CHECK(ops.contains("linear+add"));
}

TEST_CASE("the work of all regions is the work of the step") {
  const Traced traced(GENERATE("reference", "cpu-onednn"));
  double flops = 0;
  for (const Region& region : traced.trace().regions)
    flops += region_cost(traced.graph(), region, {1, 1, 1}, 14).flops;
  CHECK(flops == Approx(step_work(traced.plan(), 1, 13).flops));
}

TEST_CASE("bytes of values that stay within a region are not counted") {
  const Traced single("reference"), fused("cpu-onednn");
  const Graph& graph = fused.graph();
  const auto region_of = [](const Traced& traced, const std::string& op) {
    for (const Region& region : traced.trace().regions)
      if (region_op(traced.graph(), region) == op) return region;
    FAIL("no region " << op);
    return Region{};
  };
  // x [T, 128] f32 and weight [128, 128] bf16, the residual and the sum; the product stays within.
  const Region sum = region_of(fused, "linear+add");
  const double row = 4 * 128;
  const int64_t k = graph.values[graph.nodes[sum.nodes[0]].inputs[0]].type.shape[1].base;
  const double weight = 2.0 * 128 * static_cast<double>(k);
  CHECK(region_cost(graph, sum, {5, 1, 1}, 5).bytes ==
        5 * (4 * static_cast<double>(k) + 2 * row) + weight);
  CHECK(region_outputs(graph, sum, {5, 1, 1}).size() == 1);
  CHECK(region_outputs(graph, sum, {5, 1, 1})[0].find("f32 [5, 128]") != std::string::npos);
}

TEST_CASE("shares of rows and overhead add up") {
  const Traced traced(GENERATE("reference", "cpu-onednn"));
  for (const TracedPhase& phase : traced.trace().phases) {
    const TraceSummary summary = summarise(traced.plan(), traced.trace(), phase);
    double ops = 0, nodes = 0;
    for (const TraceRow& row : summary.ops) ops += row.share;
    for (const TraceRow& row : summary.nodes) nodes += row.share;
    CHECK(ops + summary.overhead_share == Approx(1));
    CHECK(nodes + summary.overhead_share == Approx(1));
    CHECK(summary.overhead_share > 0);
    CHECK(summary.steps == 2);
    CHECK(summary.nodes.front().seconds >= summary.nodes.back().seconds);
    CHECK(summary.ops.front().flops_per_second() >= 0);
  }
}

TEST_CASE("the timeline names its tracks, and slices of a thread do not overlap") {
  const Traced traced("cpu-onednn");
  const weights_test::TempDir folder;
  AtomicOutput output(folder / "trace.json");
  write_perfetto(output, traced.plan(), "a \"model\"", traced.trace());
  output.commit();
  const auto json = nlohmann::json::parse(weights_test::read_file(folder / "trace.json"));
  CHECK(json["otherData"]["model"] == "a \"model\"");
  std::map<std::pair<int, int>, std::vector<std::pair<double, double>>> slices;
  std::set<std::string> names;
  int counters = 0;
  for (const auto& event : json["traceEvents"]) {
    // Else it would be shown as the main thread of its process.
    CHECK(event.value("tid", -1) != event["pid"].get<int>());
    if (event["ph"] == "M") {
      if (event["name"] != "process_sort_index") names.insert(event["args"]["name"]);
    } else if (event["ph"] == "C") {
      ++counters;
      CHECK(event["args"]["us"] >= 0);
    } else {
      REQUIRE(event["ph"] == "X");
      CHECK(event["ts"] >= 0);
      slices[{event["pid"], event["tid"]}].emplace_back(event["ts"], event["dur"]);
    }
  }
  CHECK(names == std::set<std::string>{"host", "steps", "cpu-onednn", "thread 0", "thread 1"});
  CHECK(counters == 8);
  CHECK(slices.size() == 3);
  CHECK(slices[{1, 100}].size() == 4);
  for (auto& [track, of_track] : slices) {
    std::ranges::sort(of_track);
    for (size_t i = 1; i < of_track.size(); ++i)
      CHECK(of_track[i - 1].first + of_track[i - 1].second <= of_track[i].first + 1e-3);
  }
}
