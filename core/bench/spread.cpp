#include "bench/spread.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sirocco {

Spread spread(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const size_t n = values.size();
  Spread result{(values[(n - 1) / 2] + values[n / 2]) / 2, values.front(), values.back()};
  result.mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(n);
  double squares = 0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  if (n > 1) result.deviation = std::sqrt(squares / static_cast<double>(n - 1));
  return result;
}

}  // namespace sirocco
