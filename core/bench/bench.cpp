#include "bench/bench.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>

#include <fmt/format.h>
#include <sirocco/error.hpp>

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
        kernel_time_(executor.plan().graph().nodes.size()) {}
  ~Runner() {
    for (const auto& [depth, id] : sequences_) executor_.close(id);
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  void warm_up(const BenchCase& test) { play(test, at_depth(test.depth)); }

  BenchSample run(const BenchCase& test, Probe& probe) {
    const SequenceId id = at_depth(test.depth);
    BenchSample sample;
    const double bandwidth = probe.bandwidth(), own = probe.bandwidth(weights_),
                 flops = probe.flops();
    const Disturbance disturbance;
    step_seconds_ = kernel_seconds_ = 0;
    const auto start = std::chrono::steady_clock::now();
    play(test, id);
    const double seconds = seconds_since(start);
    sample.overhead_share = 1 - kernel_seconds_ / step_seconds_;
    sample.disturbance = disturbance.share();
    sample.tokens_per_second = static_cast<double>(test.n) / seconds;
    const double best_bandwidth = std::max(bandwidth, probe.bandwidth());
    const double best_own = std::max(own, probe.bandwidth(weights_));
    const double best_flops = std::max(flops, probe.flops());
    StepWork work;
    if (test.generate) {
      for (int64_t i = 0; i < test.n; ++i) add(work, 1, test.depth + i);
    } else {
      const int64_t most = executor_.plan().options().limits.max_tokens;
      for (int64_t i = 0; i < test.n; i += most)
        add(work, std::min(most, test.n - i), test.depth + i);
    }
    sample.bandwidth_share = work.bytes() / seconds / best_bandwidth;
    if (best_own > 0) sample.own_bandwidth_share = work.bytes() / seconds / best_own;
    sample.flops_share = work.flops / seconds / best_flops;
    return sample;
  }

 private:
  void play(const BenchCase& test, SequenceId id) {
    if (!test.generate) return feed(id, test.n);
    for (int64_t i = 0; i < test.n; ++i) feed(id, 1);
  }

  void add(StepWork& sum, int64_t tokens, int64_t depth) const {
    const StepWork step = step_work(executor_.plan(), tokens, depth);
    sum.flops += step.flops;
    sum.weight_bytes += step.weight_bytes;
    sum.state_bytes += step.state_bytes;
  }

  void feed(SequenceId id, int64_t n) {
    feeder_.feed(id, n, [this](const FedStep& step) {
      step_seconds_ += 1e-9 * static_cast<double>(step.ns());
      kernel_time_.read(executor_.times());
      kernel_seconds_ += 1e-9 * static_cast<double>(kernel_time_.total_ns());
    });
  }

  /// A sequence that holds so many tokens. What a window has passed cannot be taken back: then it
  /// is read again, outside what is measured.
  SequenceId at_depth(int64_t depth) {
    const auto known = sequences_.find(depth);
    if (known != sequences_.end() && depth > 0 && !windowed()) {
      executor_.truncate(known->second, static_cast<size_t>(depth));
      return known->second;
    }
    if (known != sequences_.end()) executor_.close(known->second);
    const SequenceId id = executor_.open();
    sequences_[depth] = id;
    feed(id, depth);
    return id;
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
  std::map<int64_t, SequenceId> sequences_;  ///< by depth
  double step_seconds_ = 0;                  ///< of the steps since a sample began
  double kernel_seconds_ = 0;
};

std::string BenchCase::label() const {
  return fmt::format("{}{}", generate ? "tg" : "pp", n) +
         (depth ? fmt::format(" @ d{}", depth) : "");
}

Spread spread(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const size_t n = values.size();
  return {(values[(n - 1) / 2] + values[n / 2]) / 2, values.front(), values.back()};
}

std::vector<int64_t> parse_sizes(const std::string& text, const std::string& flag, int64_t least) {
  constexpr size_t kMostSizes = 1000;
  constexpr int64_t kMostSize = 1 << 24;
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorKind::usage,
                flag + " " + text + ": " + why +
                    "; expected sizes such as 512, 128,512, 128-512+128 or 1-8*2");
  };
  std::vector<int64_t> sizes;
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto number = [&] {
    int64_t value = 0;
    const auto [next, problem] = std::from_chars(at, end, value);
    if (problem != std::errc() || next == at)
      refuse("not a number at '" + std::string(at, end) + "'");
    at = next;
    return value;
  };
  for (;;) {
    const int64_t first = number();
    int64_t last = first, step = 1;
    char kind = '+';
    if (at != end && *at == '-') {
      ++at;
      last = number();
      if (at == end || (*at != '+' && *at != '*'))
        refuse("a range needs a step (+N) or factor (*N)");
      kind = *at++;
      step = number();
    }
    if (first < least || last < first || last > kMostSize)
      refuse(fmt::format("sizes lie between {} and {}, the smaller first", least, kMostSize));
    if (step < (kind == '*' ? 2 : 1) || (kind == '*' && first == 0))
      refuse("that step goes nowhere");
    for (int64_t size = first; size <= last; size = kind == '*' ? size * step : size + step) {
      if (sizes.size() == kMostSizes) refuse("too many sizes");
      sizes.push_back(size);
    }
    if (at == end) return sizes;
    if (*at++ != ',') refuse("a comma is missing");
  }
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

std::vector<BenchResult> Bench::measure(Probe& probe, int64_t repeats, const Progress& progress) {
  std::vector<BenchResult> results;
  for (const BenchCase& test : cases_) results.push_back({test, {}});
  for (int64_t repeat = 0; repeat < repeats; ++repeat) {
    for (BenchResult& result : results) {
      progress(result.test);
      result.samples.push_back(runner_->run(result.test, probe));
    }
  }
  return results;
}

}  // namespace sirocco
