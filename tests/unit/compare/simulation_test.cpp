// What compare promises of its verdicts, on noise that machines make, drawn from fixed seeds: how
// often two equal backends are told apart, one slowed by 5 % is found, and a second run lands where
// the first one said.

#include <cmath>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "compare/verdict.hpp"

using namespace sirocco;

namespace {

constexpr int kRuns = 100;
constexpr int64_t kComparisons = 6;  ///< say, prompt and generation at three depths

/// Of logarithms of speeds.
struct Noise {
  std::string name;
  double sd = 0;             ///< of each sample
  double burst_share = 0;    ///< of samples, slowed by 30 %
  double drift = 0;          ///< from the first pair to the last, and up and down on the way
  double memory = 0;         ///< correlation of a sample's noise with the one before
  bool long_bursts = false;  ///< bursts last several samples, across pairs
};

const Noise kNoises[] = {
    {"quiet", 0.01, 0, 0, 0, false},
    {"noisy", 0.03, 0, 0, 0, false},
    {"bursts", 0.01, 0.1, 0, 0, false},
    {"drift", 0.01, 0, 0.3, 0, false},
    {"autocorrelated", 0.02, 0, 0, 0.8, false},
    {"long bursts", 0.01, 0.1, 0, 0, true},
    {"all together", 0.015, 0.05, 0.1, 0.5, true},
};

/// The same draws wherever it runs: the standard library's distributions may differ.
class Machine {
 public:
  Machine(const Noise& noise, uint64_t seed) : noise_(noise), random_(seed) {}

  /// Two backends in turn, in random order within a pair; the second is `slowdown` times slower.
  PairedComparison compare(double slowdown, int64_t n_pairs) {
    std::vector<double> first, second;
    carried_ = normal();
    for (int64_t i = 0; i < n_pairs; ++i) {
      const double progress = static_cast<double>(i) / static_cast<double>(n_pairs);
      const double shared = noise_.drift * (progress + 0.3 * std::sin(20 * progress));
      const bool swapped = uniform() < 0.5;
      double speeds[2];
      for (double& speed : speeds) speed = 100 * std::exp(sample() - shared);
      first.push_back(speeds[swapped]);
      second.push_back(speeds[!swapped] / slowdown);
    }
    return compare_pairs(first, second, Better::higher, kComparisons);
  }

 private:
  double uniform() { return (static_cast<double>(random_() >> 11) + 0.5) * 0x1p-53; }
  double normal() {
    return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform());
  }
  double sample() {
    carried_ = noise_.memory * carried_ + std::sqrt(1 - noise_.memory * noise_.memory) * normal();
    if (noise_.long_bursts) {
      constexpr double kEnds = 0.2;  // five samples on average
      burst_ =
          uniform() < (burst_ ? 1 - kEnds : kEnds * noise_.burst_share / (1 - noise_.burst_share));
    } else {
      burst_ = uniform() < noise_.burst_share;
    }
    return noise_.sd * carried_ - (burst_ ? std::log(1.3) : 0);
  }

  Noise noise_;
  std::mt19937_64 random_;
  double carried_ = 0;
  bool burst_ = false;
};

bool claims(const PairedComparison& found) {
  return found.verdict == SpeedVerdict::faster || found.verdict == SpeedVerdict::slower;
}

}  // namespace

TEST_CASE("equal backends are told apart in at most 5 of 100 runs") {
  for (const Noise& noise : kNoises) {
    for (const int64_t n_pairs : {repeats_needed(kComparisons), repeats_advised(kComparisons),
                                  repeats_worth(kComparisons, 0.001)}) {
      Machine machine(noise, 1);
      int claimed = 0;
      for (int run = 0; run < kRuns; ++run) {
        bool any = false;
        for (int64_t i = 0; i < kComparisons; ++i) any |= claims(machine.compare(1, n_pairs));
        claimed += any;
      }
      INFO(noise.name << ", " << n_pairs << " pairs: claimed in " << claimed);
      CHECK(claimed <= 5);
    }
  }
}

TEST_CASE("with the advised repeats half of the runs at least say whether there is a difference") {
  for (const Noise& noise : kNoises) {
    Machine machine(noise, 2);
    int clear = 0;
    for (int run = 0; run < kRuns; ++run)
      clear += machine.compare(1, repeats_advised(kComparisons)).verdict != SpeedVerdict::too_noisy;
    INFO(noise.name << ": clear in " << clear);
    CHECK(clear >= 50);
  }
}

TEST_CASE("a slowdown of 5 % is found in 90 % of the runs that are not too noisy") {
  for (const Noise& noise : kNoises) {
    for (const int64_t n_pairs : {repeats_needed(kComparisons), repeats_advised(kComparisons)}) {
      Machine machine(noise, 3);
      int slower = 0, clear = 0, narrow = 0, narrow_slower = 0;
      for (int run = 0; run < kRuns; ++run) {
        const PairedComparison found = machine.compare(1.05, n_pairs);
        const bool is_slower = found.verdict == SpeedVerdict::slower;
        slower += is_slower;
        clear += found.verdict != SpeedVerdict::too_noisy;
        if (found.ratio.interval.half_width() > kMostHalfWidth) continue;
        ++narrow;
        narrow_slower += is_slower;
      }
      INFO(noise.name << ", " << n_pairs << " pairs: slower in " << slower << " of " << clear
                      << ", with a narrow interval in " << narrow_slower << " of " << narrow);
      CHECK(slower * 10 >= clear * 9);
      CHECK(narrow_slower * 10 >= narrow * 9);
      if (n_pairs > repeats_needed(kComparisons)) CHECK(clear >= 50);
    }
  }
}

TEST_CASE("slow and fast are not mixed up, and the truth lies in the interval") {
  for (const Noise& noise : kNoises) {
    Machine machine(noise, 4);
    int wrong = 0, missed = 0;
    for (int run = 0; run < kRuns; ++run) {
      const PairedComparison found = machine.compare(1.05, repeats_advised(kComparisons));
      wrong += found.verdict == SpeedVerdict::faster;
      missed += !found.ratio.interval.contains(1 / 1.05);
    }
    INFO(noise.name << ": wrong " << wrong << ", missed " << missed);
    CHECK(wrong == 0);
    CHECK(missed <= 2);
  }
}

TEST_CASE("a second run lands in the first one's interval in at least 17 of 20") {
  for (const Noise& noise : kNoises) {
    for (const int64_t n_pairs : {repeats_needed(kComparisons), repeats_advised(kComparisons)}) {
      Machine machine(noise, 5);
      int landed = 0;
      for (int run = 0; run < kRuns; ++run) {
        const PairedComparison once = machine.compare(1.2, n_pairs);
        landed += once.rerun.contains(machine.compare(1.2, n_pairs).ratio.value);
      }
      INFO(noise.name << ", " << n_pairs << " pairs: landed " << landed);
      CHECK(landed * 20 >= kRuns * 17);
    }
  }
}
