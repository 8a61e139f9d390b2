#include "trace/recorder.hpp"

#include <set>

#include <fmt/format.h>

#include "bench/cases.hpp"
#include "bench/kernel_time.hpp"

namespace sirocco {
namespace {

class Recorder {
 public:
  Recorder(Executor& executor, const TraceCase& what,
           const std::function<void(int64_t, int64_t)>& progress)
      : executor_(executor),
        what_(what),
        progress_(progress),
        feeder_(executor),
        kernel_time_(executor.plan().graph().nodes.size()) {}

  Trace record() {
    run([](bool, const FedStep&) {});
    int64_t depth = what_.depth, made = 0;
    Trace trace;
    if (what_.prompt)
      trace.phases.push_back(
          {BenchCase{.n_prompt = what_.prompt, .depth = what_.depth}.label(), {}});
    if (what_.steps) {
      trace.phases.push_back(
          {BenchCase{.n_gen = what_.steps, .depth = what_.depth + what_.prompt}.label(), {}});
    }
    run([&](bool generating, const FedStep& fed) {
      TracedStep step;
      step.fed = fed;
      step.depth = depth;
      step.label = generating ? fmt::format("tg {}", made++) : fmt::format("pp{}", fed.tokens);
      step.times.assign(executor_.times().begin(), executor_.times().end());
      depth += fed.tokens;
      (generating ? trace.phases.back() : trace.phases.front()).steps.push_back(std::move(step));
    });
    find_times(trace);
    return trace;
  }

 private:
  /// The whole case on a sequence of its own; `after` is told of all but what makes the depth.
  void run(const std::function<void(bool generating, const FedStep&)>& after) {
    const SequenceId id = executor_.open();
    feeder_.read(id, what_.depth, [&](const FedStep& step) { advance(step); });
    feeder_.read(id, what_.prompt, [&](const FedStep& step) {
      after(false, step);
      advance(step);
    });
    for (int64_t i = 0; i < what_.steps; ++i) {
      feeder_.make({&id, 1}, [&](const FedStep& step) {
        after(true, step);
        advance(step);
      });
    }
    executor_.close(id);
  }

  void advance(const FedStep& step) {
    done_ += step.tokens;
    progress_(done_, 2 * (what_.depth + what_.prompt + what_.steps));
  }

  /// Regions are those of all steps together: one of them may have had nothing to do in some.
  void find_times(Trace& trace) {
    std::vector<NodeTime> all;
    for (const TracedPhase& phase : trace.phases)
      for (const TracedStep& step : phase.steps)
        all.insert(all.end(), step.times.begin(), step.times.end());
    trace.regions = find_regions(executor_.plan(), all);
    std::set<NodeId> known;
    for (const Region& region : trace.regions)
      known.insert(region.nodes.begin(), region.nodes.end());
    for (NodeId id = 0; id < executor_.plan().graph().nodes.size(); ++id)
      if (!known.contains(id)) trace.untimed.push_back(id);
    for (TracedPhase& phase : trace.phases) {
      for (TracedStep& step : phase.steps) {
        kernel_time_.read(step.times);
        step.kernel_ns = kernel_time_.total_ns();
        for (const Region& region : trace.regions)
          step.region_ns.push_back(kernel_time_.slowest_ns()[region.nodes[0]]);
      }
    }
  }

  Executor& executor_;
  const TraceCase& what_;
  const std::function<void(int64_t, int64_t)>& progress_;
  Feeder feeder_;
  KernelTime kernel_time_;
  int64_t done_ = 0;
};

}  // namespace

Trace record_trace(Executor& executor, const TraceCase& what,
                   const std::function<void(int64_t, int64_t)>& progress) {
  return Recorder(executor, what, progress).record();
}

}  // namespace sirocco
