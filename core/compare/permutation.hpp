#pragma once
// The test and the estimator under a comparison of two backends that were measured in pairs.
//
// Which of a pair is measured first is drawn at random. Where the two do not differ, the log ratio
// of a pair is then as likely to be x as -x, given all the rest: whatever drifts, comes in bursts
// or depends on the sample before. Flipping the signs of the log ratios in every way gives the
// exact distribution of any statistic of them under "no difference" (Fisher, The Design of
// Experiments, 21; Pitman 1937), with nothing assumed about the noise.
//
// The statistic is a signed-rank sum whose scores stop growing at a rank:
//   T(θ) = Σ sign(x_i - θ) · min(rank |x_i - θ|, c)
// With c = n it is Wilcoxon's, with c = 1 the sign test; between them one keeps most of the
// former's power for well-behaved noise and the latter's indifference to bursts, in which a few
// samples are off by many times the difference that is looked for (winsorised scores:
// Hettmansperger and McKean, Robust Nonparametric Statistical Methods; Policello and
// Hettmansperger, JASA 71, 1976).
//
// Scores are whole numbers, so the distribution over all 2^n flips is counted by sums instead of
// flips (Pagano and Tritchler, JASA 78, 1983): it is exact for every n, and nothing is drawn.

#include <span>

#include "compare/statistics.hpp"

namespace sirocco {

/// The most differences that the functions below take: the count of sums grows with the cube.
inline constexpr size_t kMostDifferences = 1000;

/// Share of the 2^n flips of the signs of `differences` - `shift` whose |T| is at least the one
/// seen; at least 2^-(n-1). Differences equal to `shift` count for neither side and make it larger
/// (Pratt 1959), ties share their ranks. 1 where there are none. Error(usage) for more than
/// kMostDifferences.
double sign_flip_p(std::span<const double> differences, double shift = 0);

/// The shift at which T changes its sign (Hodges and Lehmann's way to make an estimator of a test),
/// and those shifts that the test does not reject at 1 - `level`: so the interval leaves out 0
/// where sign_flip_p is below 1 - level. Infinite where n is too small to reject anything at that
/// level. Error(usage) for no differences or more than kMostDifferences.
Estimate shift_estimate(std::span<const double> differences, double level);

}  // namespace sirocco
