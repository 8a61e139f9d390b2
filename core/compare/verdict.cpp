#include "compare/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "compare/permutation.hpp"

namespace sirocco {
namespace {

/// Of the interval that a second run is predicted from.
constexpr double kRerunLevel = 0.95;
/// What repeats_advised() is prepared for: pairs that are hit, and runs in which no more are.
constexpr double kBurstShare = 0.1;
constexpr double kRunsPrepared = 0.975;

double corrected(int64_t n_comparisons) {
  if (n_comparisons < 1)
    throw Error(ErrorKind::usage,
                fmt::format("{} comparisons: expected one or more", n_comparisons));
  return kSignificance / static_cast<double>(n_comparisons);
}

/// P(at most `most` of `n` are hit).
double chance_of_at_most(int n, int most) {
  double term = std::pow(1 - kBurstShare, n), sum = 0;
  for (int k = 0; k <= most; ++k) {
    sum += term;
    term *= kBurstShare / (1 - kBurstShare) * (n - k) / (k + 1);
  }
  return sum;
}

void check_samples(std::span<const double> samples, const char* which) {
  for (size_t i = 0; i < samples.size(); ++i)
    if (!(std::isfinite(samples[i]) && samples[i] > 0))
      throw Error(ErrorKind::failure,
                  fmt::format("sample {} of the {} backend is {}: only finite numbers above zero "
                              "can be compared",
                              i + 1, which, samples[i]));
}

/// exp of a shift of logarithms.
Interval as_ratio(const Interval& shift) {
  return {std::exp(shift.low), std::exp(shift.high)};
}

Interval rerun_interval(const Estimate& shift) {
  const auto widened = [](double side) { return std::hypot(std::sqrt(2) * side, kBetweenRuns); };
  return as_ratio({shift.value - widened(shift.value - shift.interval.low),
                   shift.value + widened(shift.interval.high - shift.value)});
}

}  // namespace

std::string_view verdict_name(SpeedVerdict verdict) {
  constexpr std::string_view kNames[] = {"faster", "slower", "no difference seen", "too noisy"};
  return kNames[static_cast<size_t>(verdict)];
}

int64_t repeats_needed(int64_t n_comparisons) {
  const double level = corrected(n_comparisons);
  int64_t n = kLeastPairs;
  while (std::exp2(1 - n) > level) ++n;
  return n;
}

int64_t repeats_advised(int64_t n_comparisons) {
  const double level = corrected(n_comparisons);
  auto n = static_cast<int>(repeats_needed(n_comparisons));
  while (chance_of_at_most(n, most_contrary(n, level / 2)) < kRunsPrepared) ++n;
  return n;
}

int64_t repeats_worth(int64_t n_comparisons, double sample_seconds) {
  const double fitting = kSecondsOfSamples / sample_seconds;
  const int64_t many =
      fitting < static_cast<double>(kMostRepeats) ? static_cast<int64_t>(fitting) : kMostRepeats;
  return std::max(repeats_advised(n_comparisons), many);
}

PairedComparison compare_pairs(std::span<const double> first, std::span<const double> second,
                               Better better, int64_t n_comparisons) {
  const double level = corrected(n_comparisons);
  if (first.size() != second.size())
    throw Error(ErrorKind::usage,
                fmt::format("{} samples of the first backend and {} of the second "
                            "do not make pairs",
                            first.size(), second.size()));
  const int64_t needed = repeats_needed(n_comparisons);
  if (static_cast<int64_t>(first.size()) < needed)
    throw Error(
        ErrorKind::usage,
        fmt::format("{} pairs of samples cannot tell a difference in {} comparisons; take {} "
                    "or more repetitions",
                    first.size(), n_comparisons, needed));
  check_samples(first, "first");
  check_samples(second, "second");
  std::vector<double> differences(first.size());
  std::ranges::transform(first, second, differences.begin(),
                         [](double a, double b) { return std::log(b / a); });
  PairedComparison result;
  result.n_pairs = first.size();
  result.first = median_estimate({first.begin(), first.end()}, 1 - kSignificance);
  result.second = median_estimate({second.begin(), second.end()}, 1 - kSignificance);
  const Estimate shift = shift_estimate(differences, 1 - level);
  result.ratio = {std::exp(shift.value), as_ratio(shift.interval)};
  result.p_value = sign_flip_p(differences);
  result.rerun = rerun_interval(shift_estimate(differences, kRerunLevel));
  if (result.p_value <= level)
    result.verdict = (result.ratio.value > 1) == (better == Better::higher) ? SpeedVerdict::faster
                                                                            : SpeedVerdict::slower;
  else if (!(result.ratio.interval.half_width() <= kMostHalfWidth))
    result.verdict = SpeedVerdict::too_noisy;
  else
    result.verdict = SpeedVerdict::no_difference;
  return result;
}

}  // namespace sirocco
