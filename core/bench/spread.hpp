#pragma once

#include <vector>

namespace sirocco {

/// What is told of the samples of one figure, in its unit; zeros of none. Of an even number of
/// samples the median is the mean of the middle two; the standard deviation is the samples' own
/// (over n - 1), 0 of one.
struct Spread {
  double median = 0, least = 0, most = 0, mean = 0, deviation = 0;
};
Spread spread(std::vector<double> values);

}  // namespace sirocco
