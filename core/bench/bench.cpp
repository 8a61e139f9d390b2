#include "bench/bench.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>

#include "bench/disturbance.hpp"
#include "bench/feeder.hpp"
#include "bench/kernel_time.hpp"
#include "bench/work.hpp"

namespace sirocco {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

class Bench::Runner {
 public:
  explicit Runner(Executor& executor)
      : executor_(executor),
        weights_(executor.host_visible_weights()),
        feeder_(executor),
        kernel_time_(executor.plan().graph().nodes.size()),
        all_timed_(std::ranges::all_of(executor.plan().parts(), [&](const PlannedPart& part) {
          return executor.plan().devices()[part.part.device].offers_times();
        })) {}
  ~Runner() {
    for (const auto& [depth, ids] : sequences_)
      for (const SequenceId id : ids) executor_.close(id);
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  void warm_up(const BenchCase& test) { play(test, at_depth(test)); }

  /// Between two looks at the probe.
  BenchSample run(const BenchCase& test, SpeedProbe& probe, double least_seconds) {
    const double bandwidth = probe.bandwidth(), own = probe.bandwidth(weights_),
                 flops = probe.flops();
    BenchSample sample = run(test, least_seconds);
    const double best_bandwidth = std::max(bandwidth, probe.bandwidth());
    const double best_own = std::max(own, probe.bandwidth(weights_));
    const double best_flops = std::max(flops, probe.flops());
    const StepWork work = work_of(test);
    const double per_second =
        sample.tokens_per_second / static_cast<double>(test.length() * test.batch);
    sample.bandwidth_share = work.bytes() * per_second / best_bandwidth;
    if (best_own > 0) sample.own_bandwidth_share = work.bytes() * per_second / best_own;
    sample.flops_share = work.flops * per_second / best_flops;
    return sample;
  }

  BenchSample run(const BenchCase& test, double least_seconds) {
    BenchSample sample;
    std::span<const SequenceId> ids = at_depth(test);
    const Disturbance disturbance;
    step_seconds_ = kernel_seconds_ = 0;
    const auto begin = std::chrono::steady_clock::now();
    double seconds = 0;
    for (int64_t runs = 1;; ++runs) {
      const auto start = std::chrono::steady_clock::now();
      counting_ = true;
      play(test, ids);
      counting_ = false;
      seconds += seconds_since(start);
      sample.tokens_per_second = static_cast<double>(runs * test.length() * test.batch) / seconds;
      if (seconds >= least_seconds || seconds_since(begin) >= 10 * least_seconds) break;
      ids = at_depth(test);
    }
    sample.overhead_share =
        all_timed_ ? 1 - kernel_seconds_ / step_seconds_ : std::numeric_limits<double>::quiet_NaN();
    sample.disturbance = disturbance.share();
    sample.seconds = seconds;
    return sample;
  }

 private:
  void play(const BenchCase& test, std::span<const SequenceId> ids) {
    for (const SequenceId id : ids) read(id, test.n_prompt);
    for (int64_t i = 0; i < test.n_gen; ++i) make(ids);
  }

  StepWork work_of(const BenchCase& test) const {
    StepWork sum;
    const auto add = [&](int64_t tokens, int64_t depth, int64_t sequences) {
      const StepWork step = step_work(executor_.plan(), tokens, depth, sequences);
      sum.flops += step.flops;
      sum.weight_bytes += step.weight_bytes;
      sum.state_bytes += step.state_bytes;
    };
    const int64_t most = executor_.plan().options().limits.max_tokens;
    for (int64_t sequence = 0; sequence < test.batch; ++sequence)
      for (int64_t i = 0; i < test.n_prompt; i += most)
        add(std::min(most, test.n_prompt - i), test.depth + i, 1);
    for (int64_t i = 0; i < test.n_gen; ++i) add(1, test.depth + test.n_prompt + i, test.batch);
    return sum;
  }

  void read(SequenceId id, int64_t n) { feeder_.read(id, n, after_); }
  void make(std::span<const SequenceId> ids) { feeder_.make(ids, after_); }

  void add_times(const FedStep& step) {
    if (!counting_) return;
    step_seconds_ += 1e-9 * static_cast<double>(step.ns());
    kernel_time_.read(executor_.times());
    kernel_seconds_ += 1e-9 * static_cast<double>(kernel_time_.total_ns());
  }

  /// As many sequences as the case takes that hold its depth.
  std::span<const SequenceId> at_depth(const BenchCase& test) {
    std::vector<SequenceId>& ids = sequences_[test.depth];
    const auto n = static_cast<size_t>(test.batch);
    for (size_t i = 0; i < std::min(n, ids.size()); ++i) take_back(ids[i], test.depth);
    while (ids.size() < n) {
      ids.push_back(executor_.open());
      read(ids.back(), test.depth);
    }
    return {ids.data(), n};
  }

  /// What a window has passed cannot be taken back: then it is read again, outside what is
  /// measured.
  void take_back(SequenceId& id, int64_t depth) {
    if (depth > 0 && !windowed()) return executor_.truncate(id, static_cast<size_t>(depth));
    executor_.close(id);
    id = executor_.open();
    read(id, depth);
  }

  bool windowed() const {
    return std::ranges::any_of(executor_.plan().graph().groups, [](const StateGroup& group) {
      return group.window != 0 || group.kind != SIROCCO_STATE_PAGED;
    });
  }

  Executor& executor_;
  std::vector<std::span<const std::byte>> weights_;
  Feeder feeder_;
  KernelTime kernel_time_;
  bool all_timed_;
  const Feeder::After after_ = [this](const FedStep& step) { add_times(step); };
  std::map<int64_t, std::vector<SequenceId>> sequences_;  ///< by depth
  bool counting_ = false;    ///< what is fed is measured, and no way back to the depth
  double step_seconds_ = 0;  ///< of the steps since a sample began
  double kernel_seconds_ = 0;
};

Spread spread(const BenchResult& result, double BenchSample::*figure) {
  std::vector<double> values;
  for (const BenchSample& sample : result.samples) values.push_back(sample.*figure);
  return spread(std::move(values));
}

size_t disturbed_samples(const BenchResult& result) {
  return static_cast<size_t>(std::ranges::count_if(
      result.samples, [](const BenchSample& sample) { return sample.disturbance > kDisturbed; }));
}

Bench::Bench(Executor& executor, std::vector<BenchCase> cases)
    : cases_(std::move(cases)), runner_(std::make_unique<Runner>(executor)) {}

Bench::~Bench() = default;

void Bench::warm_up(const Progress& progress) {
  for (const BenchCase& test : cases_) {
    progress(test);
    runner_->warm_up(test);
  }
}

BenchSample Bench::sample(const BenchCase& test, SpeedProbe* probe, double least_seconds) {
  return probe ? runner_->run(test, *probe, least_seconds) : runner_->run(test, least_seconds);
}

std::vector<BenchResult> Bench::measure(Probe& probe, int64_t repeats, const Progress& progress) {
  std::vector<BenchResult> results;
  for (const BenchCase& test : cases_) results.push_back({test, {}});
  for (int64_t repeat = 0; repeat < repeats; ++repeat) {
    for (BenchResult& result : results) {
      progress(result.test);
      result.samples.push_back(runner_->run(result.test, probe, 0));
    }
  }
  return results;
}

}  // namespace sirocco
