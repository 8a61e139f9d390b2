#pragma once

#include <vector>

namespace sirocco {

/// From `low` to `high`, both included; infinite where the data say nothing.
struct Interval {
  double low = 0;
  double high = 0;

  bool contains(double value) const { return low <= value && value <= high; }
  double half_width() const { return (high - low) / 2; }
};

/// A figure with what the data leave open about it, in the figure's own unit.
struct Estimate {
  double value = 0;
  Interval interval;
};

/// The median and an interval between two of the sorted values that holds the true one with at
/// least the probability `level` (of independent samples, whatever their distribution): how many
/// lie below it is binomial, so Σ C(n, i) / 2^n over i ≤ k bounds what is lost at either end (David
/// and Nagaraja, Order Statistics, 7.1). The interval is infinite where there are too few values.
Estimate median_estimate(std::vector<double> values, double level);

/// The most of `n` fair coins that may fall on one given side while P(that many or fewer) ≤
/// `probability`; -1 where not even none is rare enough.
int most_contrary(int n, double probability);

}  // namespace sirocco
