#include "compare/statistics.hpp"

#include <cmath>

#include "catch.hpp"

using namespace sirocco;

TEST_CASE("a median's interval lies between the values that the binomial names") {
  // P(no head of 12) = 0.0002, P(at most 1) = 0.0032, P(at most 2) = 0.0193, P(at most 3) = 0.073.
  const std::vector<double> values = {12, 3, 1, 2, 7, 5, 6, 4, 8, 9, 11, 10};
  const Estimate wide = median_estimate(values, 0.99);
  CHECK(wide.value == 6.5);
  CHECK(wide.interval.low == 2);
  CHECK(wide.interval.high == 11);
  const Estimate narrow = median_estimate(values, 0.95);
  CHECK(narrow.interval.low == 3);
  CHECK(narrow.interval.high == 10);
}

TEST_CASE("too few values say nothing of their median") {
  const Estimate few = median_estimate({1, 2, 3}, 0.99);
  CHECK(few.value == 2);
  CHECK(std::isinf(few.interval.low));
  CHECK(std::isinf(few.interval.high));
}

TEST_CASE("how many may be contrary is what the binomial allows") {
  CHECK(most_contrary(12, 0.0001) == -1);
  CHECK(most_contrary(12, 0.005) == 1);
  CHECK(most_contrary(12, 0.05) == 2);
  CHECK(most_contrary(100, 0.025) == 39);
}
