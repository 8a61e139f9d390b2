#include "common.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sirocco::reference {

double dot(const double* a, const double* b, int64_t n) {
  double sums[8] = {};
  int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (int64_t j = 0; j < 8; ++j) sums[j] += a[i + j] * b[i + j];
  for (int64_t j = 0; i + j < n; ++j) sums[j] += a[i + j] * b[i + j];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

int64_t inner_bytes(const Tensor& tensor, uint32_t axis) {
  int64_t bytes = sdk::dtype_bytes(tensor.dtype);
  for (uint32_t i = axis; i < tensor.rank; ++i) bytes *= tensor.dims[i];
  return bytes;
}

void find_largest(std::span<const double> row, int64_t k, std::span<int32_t> order) {
  std::iota(order.begin(), order.end(), 0);
  const auto at = [&](int32_t i) { return row[static_cast<size_t>(i)]; };
  std::partial_sort(order.begin(), order.begin() + k, order.end(), [&](int32_t a, int32_t b) {
    if (std::isnan(at(a)) || std::isnan(at(b)))
      return std::isnan(at(a)) == std::isnan(at(b)) ? a < b : std::isnan(at(b));
    return at(a) != at(b) ? at(a) > at(b) : a < b;
  });
}

}  // namespace sirocco::reference
