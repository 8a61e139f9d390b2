#include "compare/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "bench/spread.hpp"

namespace sirocco {

int most_contrary(int n, double probability) {
  double term = std::exp2(-n), sum = term;
  int most = -1;
  for (int k = 0; k < n && sum <= probability; ++k) {
    most = k;
    term *= static_cast<double>(n - k) / (k + 1);
    sum += term;
  }
  return most;
}

Estimate median_estimate(std::vector<double> values, double level) {
  std::ranges::sort(values);
  const auto n = static_cast<int>(values.size());
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  Estimate estimate{spread(values).median, {-kInfinite, kInfinite}};
  const int cut = most_contrary(n, (1 - level) / 2);
  if (cut < 0 || 2 * cut >= n) return estimate;
  estimate.interval = {values[static_cast<size_t>(cut)], values[static_cast<size_t>(n - 1 - cut)]};
  return estimate;
}

}  // namespace sirocco
