#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/cases.hpp"
#include "bench/probe.hpp"
#include "bench/spread.hpp"
#include "exec/executor.hpp"

namespace sirocco {

struct BenchSample {
  double tokens_per_second = 0;  ///< of all sequences together
  /// Of the better of the looks at the probe before and after: bytes that could not be left unread.
  double bandwidth_share = 0;
  /// The same of what the probe reads from where the weights lie; 0 where the host cannot.
  double own_bandwidth_share = 0;
  double flops_share = 0;  ///< likewise
  /// Of the time of its steps: not spent in any kernel, see below; NaN where a device's backend
  /// does not tell the times of its kernels.
  double overhead_share = 0;
  double disturbance = 0;  ///< see Disturbance
  double seconds = 0;      ///< that were measured
};

struct BenchResult {
  BenchCase test;
  std::vector<BenchSample> samples;
};

Spread spread(const BenchResult& result, double BenchSample::*figure);
/// How many samples were disturbed (see kDisturbed).
size_t disturbed_samples(const BenchResult& result);

/// Runs cases in turn. The executor allows as many sequences as sequences_needed() says; its plan
/// is timed.
///
/// Overhead is a step's time less what KernelTime (bench/kernel_time.hpp) finds in kernels.
class Bench {
 public:
  /// Told what runs next.
  using Progress = std::function<void(const BenchCase&)>;

  Bench(Executor& executor, std::vector<BenchCase> cases);
  ~Bench();
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  /// Every case once.
  void warm_up(const Progress& progress);
  /// One of the cases, between two looks at the probe; without one its shares are 0. It is run
  /// again until `least_seconds` were measured, and the sample is of all those runs together: what
  /// lasts a millisecond is at the mercy of whatever the system does in that one. Where going back
  /// to the depth takes long (a window has passed it), no run begins after ten times that.
  BenchSample sample(const BenchCase& test, SpeedProbe* probe, double least_seconds);
  /// Every case `repeats` times in turn, each between two looks at the probe.
  std::vector<BenchResult> measure(Probe& probe, int64_t repeats, const Progress& progress);

 private:
  class Runner;
  std::vector<BenchCase> cases_;
  std::unique_ptr<Runner> runner_;
};

}  // namespace sirocco
