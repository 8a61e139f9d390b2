#pragma once
// What is said of two backends after one figure of both was measured in pairs.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "compare/statistics.hpp"

namespace sirocco {

/// Chance at most of claiming any difference in a run in which there is none.
inline constexpr double kSignificance = 0.01;
/// An interval of the ratio wider than this to either side, on average, leaves open what matters.
inline constexpr double kMostHalfWidth = 0.03;
/// See repeats_worth().
inline constexpr double kSecondsOfSamples = 1;
inline constexpr int64_t kMostRepeats = 100;
/// Pairs below which nothing is compared.
inline constexpr int64_t kLeastPairs = 12;

enum class SpeedVerdict { faster, slower, no_difference, too_noisy };
/// "faster", "slower", "no difference seen", "too noisy".
std::string_view verdict_name(SpeedVerdict verdict);

/// Which way a figure is better: tokens a second, or seconds.
enum class Better { higher, lower };

/// One figure of two backends; ratios are of the second to the first.
struct PairedComparison {
  size_t n_pairs = 0;
  Estimate first;      ///< median with an interval at 1 - kSignificance, in the figure's unit
  Estimate second;     ///< likewise; of one arm alone, so what both have in common widens it
  Estimate ratio;      ///< of a pair, with the interval at 1 - kSignificance / n_comparisons
  double p_value = 1;  ///< of "no difference", as it is: compare with kSignificance / n_comparisons
  Interval rerun;      ///< of the ratio that another run finds, see below
  SpeedVerdict verdict = SpeedVerdict::too_noisy;
};

/// Pairs with which a difference can be claimed at all beside `n_comparisons` - 1 others: the
/// fewest n ≥ kLeastPairs whose rarest outcome, all n on one side, has 2^-(n-1) ≤ kSignificance /
/// n_comparisons. Error(usage) for less than one comparison.
int64_t repeats_needed(int64_t n_comparisons);
/// Pairs with which bursts seldom stand in the way: the fewest n ≥ repeats_needed() with which as
/// many pairs may contradict the rest as are hit when a tenth of the samples is: on either side, in
/// nineteen of twenty runs.
int64_t repeats_advised(int64_t n_comparisons);

/// Pairs that are worth their time where a sample takes `sample_seconds` with all that belongs to
/// it: repeats_advised(), and as many more, up to kMostRepeats in all, as take no longer than
/// kSecondsOfSamples. Bursts of others' work hit few of many short samples, and a part of every
/// long one: a hundred samples of 10 ms leave intervals a quarter to a half as wide as 28 of 50 ms
/// (bench/results/compare-statistics.md).
int64_t repeats_worth(int64_t n_comparisons, double sample_seconds);

/// Compares samples of two backends: `first[i]` and `second[i]` were measured one right after the
/// other, in random order. `n_comparisons` is how many such figures are judged in the run.
///
/// Ratios are compared as logarithms, so that neither backend is the reference. The ratio is the
/// shift estimate of permutation.hpp, made of every pair: what both of a pair share (the machine's
/// clock, others' load) is gone from it, which it is not from the ratio of the two medians.
///
/// The level is corrected by Bonferroni's rule, kSignificance / n_comparisons each, and not by
/// Holm's: Holm's rejects a little more, but has no intervals that agree with it, and here the
/// interval, the verdict and repeats_needed() must say the same. The figures of a run are few.
///
/// The verdict: a difference that the test finds is faster or slower, however wide the interval;
/// else too noisy where its half-width exceeds kMostHalfWidth, for then a difference of that size
/// may hide in it; else no difference seen.
///
/// `rerun`: another run of as many pairs errs as much as this one, independently, so their
/// estimates differ by √2 of what one errs: the sides of the 95 % interval are widened so, and in
/// quadrature by kBetweenRuns, since what is settled once a process (where memory lies, how warm
/// the machine is) makes runs differ by more than their samples do (Kalibera and Jones, Rigorous
/// Benchmarking in Reasonable Time, 2013).
///
/// Error(usage) where the counts differ, lie below repeats_needed() or above kMostDifferences;
/// Error(failure) for a sample that is no finite number above zero.
PairedComparison compare_pairs(std::span<const double> first, std::span<const double> second,
                               Better better, int64_t n_comparisons);

/// Allowance for what differs from run to run, as a share of the ratio. Measured on a shared
/// machine by bench/compare_statistics.py saved: of forty ratios that were measured again seconds
/// later nine tenths came back within 1.7 % and all within 2.2 %; the rest is for machines that are
/// less steady.
inline constexpr double kBetweenRuns = 0.03;

}  // namespace sirocco
