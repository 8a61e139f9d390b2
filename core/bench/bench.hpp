#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/probe.hpp"
#include "exec/executor.hpp"

namespace sirocco {

/// One thing that is measured, in the field's terms: `pp512` is the reading of 512 tokens, `tg64`
/// the making of 64, one by one; `@ d4096` says that the sequence holds 4096 tokens before.
struct BenchCase {
  bool generate = false;
  int64_t n = 0;
  int64_t depth = 0;

  std::string label() const;
};

struct BenchSample {
  double tokens_per_second = 0;
  /// Of the better of the looks at the probe before and after: bytes that could not be left unread.
  double bandwidth_share = 0;
  /// The same of what the probe reads from where the weights lie; 0 where the host cannot.
  double own_bandwidth_share = 0;
  double flops_share = 0;     ///< likewise
  double overhead_share = 0;  ///< of the time of its steps: not spent in any kernel, see below
  double disturbance = 0;     ///< see Disturbance
};

struct BenchResult {
  BenchCase test;
  std::vector<BenchSample> samples;
};

/// Middle, least and most of one figure; of an even number of samples the mean of the middle two.
struct Spread {
  double median = 0, least = 0, most = 0;
};
Spread spread(std::vector<double> values);

/// "1,8,64", "128-512+128" and "1-8*2" (ranges with a step or a factor), also mixed. Throws
/// Error(usage) that names the flag.
std::vector<int64_t> parse_sizes(const std::string& text, const std::string& flag, int64_t least);

/// Runs cases in turn. The executor allows as many sequences as there are depths; its plan is
/// timed.
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

  /// Every case once, with nothing measured.
  void warm_up(const Progress& progress);
  /// Every case `repeats` times in turn, each between two looks at the probe.
  std::vector<BenchResult> measure(Probe& probe, int64_t repeats, const Progress& progress);

 private:
  class Runner;
  std::vector<BenchCase> cases_;
  std::unique_ptr<Runner> runner_;
};

}  // namespace sirocco
