#include "compare/verdict.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <sirocco/error.hpp>

#include "catch.hpp"

using namespace sirocco;

namespace {

/// Twelve samples around 100 that differ a little, times `factor`.
std::vector<double> around(double factor, double wobble = 0.002) {
  std::vector<double> samples;
  samples.reserve(12);
  for (int i = 0; i < 12; ++i) samples.push_back(factor * 100 * (1 + wobble * ((i * 5) % 12 - 6)));
  return samples;
}

std::string refusal(std::vector<double> first, std::vector<double> second, int64_t n_comparisons) {
  try {
    compare_pairs(first, second, Better::higher, n_comparisons);
  } catch (const Error& e) {
    return e.what();
  }
  return {};
}

}  // namespace

TEST_CASE("enough repeats for a rejection to be possible, and no fewer than twelve") {
  CHECK(repeats_needed(1) == 12);
  CHECK(repeats_needed(20) == 12);  // 2^-11 = 0.000488
  CHECK(repeats_needed(21) == 13);
  CHECK(repeats_needed(1000) == 18);
  CHECK_THROWS_AS(repeats_needed(0), Error);
  for (const int64_t m : {1, 6, 30}) {
    CHECK(repeats_advised(m) >= repeats_needed(m));
    CHECK(repeats_advised(m) <= 50);
  }
}

TEST_CASE("short samples are repeated more, long ones as often as a verdict asks for") {
  CHECK(repeats_worth(2, 0.001) == kMostRepeats);
  CHECK(repeats_worth(2, 0) == kMostRepeats);  // faster than the clock tells
  CHECK(repeats_worth(2, 0.02) == 50);
  CHECK(repeats_worth(2, 10) == repeats_advised(2));
  CHECK(repeats_worth(10000, 0.001) >= repeats_advised(10000));
}

TEST_CASE("the direction is the figure's") {
  const auto fast = around(1.1), slow = around(1.0);
  CHECK(compare_pairs(slow, fast, Better::higher, 6).verdict == SpeedVerdict::faster);
  CHECK(compare_pairs(fast, slow, Better::higher, 6).verdict == SpeedVerdict::slower);
  CHECK(compare_pairs(slow, fast, Better::lower, 6).verdict == SpeedVerdict::slower);
  CHECK(compare_pairs(fast, slow, Better::lower, 6).verdict == SpeedVerdict::faster);
}

TEST_CASE("the ratio is of the second to the first, and what pairs share is gone from it") {
  const PairedComparison found = compare_pairs(around(1), around(0.5), Better::higher, 6);
  CHECK(found.n_pairs == 12);
  CHECK(found.ratio.value == Approx(0.5));
  CHECK(found.ratio.interval.half_width() < 1e-9);
  CHECK(found.first.value == Approx(99.9));
  CHECK(found.second.value == Approx(49.95));
  CHECK(found.first.interval.half_width() > 0.5);
  CHECK(found.p_value == Approx(std::exp2(-11)));
  CHECK(found.rerun.low == Approx(0.5 * std::exp(-kBetweenRuns)));
  CHECK(found.rerun.high == Approx(0.5 * std::exp(kBetweenRuns)));
}

TEST_CASE("equal samples differ in nothing") {
  const auto same = compare_pairs(around(1), around(1), Better::higher, 6);
  CHECK(same.verdict == SpeedVerdict::no_difference);
  CHECK(same.p_value == 1);
}

TEST_CASE("noise that could hide what matters is called so, a large difference in it is not") {
  auto first = around(1, 0.02), second = around(1, 0.02);
  std::vector<double> mirrored(second.rbegin(), second.rend());
  const auto noisy = compare_pairs(first, mirrored, Better::higher, 6);
  CHECK(noisy.verdict == SpeedVerdict::too_noisy);
  CHECK(noisy.ratio.interval.half_width() > kMostHalfWidth);
  for (double& sample : mirrored) sample *= 2;
  const auto large = compare_pairs(first, mirrored, Better::higher, 6);
  CHECK(large.ratio.interval.half_width() > kMostHalfWidth);
  CHECK(large.verdict == SpeedVerdict::faster);
}

TEST_CASE("samples that cannot be compared are named") {
  auto bad = around(1);
  bad[4] = 0;
  CHECK(refusal(around(1), bad, 6).find("sample 5 of the second backend is 0") !=
        std::string::npos);
  bad[4] = std::numeric_limits<double>::quiet_NaN();
  CHECK(refusal(bad, around(1), 6).find("sample 5 of the first backend is nan") !=
        std::string::npos);
  bad.pop_back();
  CHECK(refusal(around(1), bad, 6).find("12 samples of the first backend and 11") !=
        std::string::npos);
  CHECK(refusal(bad, bad, 6).find("take 12 or more") != std::string::npos);
  CHECK(refusal(around(1), around(1), 21).find("take 13 or more") != std::string::npos);
  CHECK(refusal(around(1), around(1), 0).find("0 comparisons") != std::string::npos);
}

TEST_CASE("verdicts have names") {
  CHECK(verdict_name(SpeedVerdict::faster) == "faster");
  CHECK(verdict_name(SpeedVerdict::slower) == "slower");
  CHECK(verdict_name(SpeedVerdict::no_difference) == "no difference seen");
  CHECK(verdict_name(SpeedVerdict::too_noisy) == "too noisy");
}
