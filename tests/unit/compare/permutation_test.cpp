// The exact distribution against a count over all flips, and the estimator against its definition.

#include "compare/permutation.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <sirocco/error.hpp>

#include "catch.hpp"

using namespace sirocco;

namespace {

std::vector<double> drawn(size_t n, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<double> values(n);
  for (double& value : values) value = static_cast<double>(random() % 100003) / 100003 - 0.4;
  return values;
}

/// T as the header writes it, for values of distinct size.
double statistic(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) {
    const auto rank = std::ranges::count_if(
        values, [&](double other) { return std::abs(other) <= std::abs(value); });
    const double score =
        std::min(static_cast<double>(rank), std::ceil(static_cast<double>(values.size()) / 2));
    sum += value > 0 ? score : -score;
  }
  return sum;
}

double counted_p(const std::vector<double>& values) {
  const double seen = std::abs(statistic(values));
  const size_t n_flips = size_t{1} << values.size();
  size_t as_large = 0;
  for (size_t flips = 0; flips < n_flips; ++flips) {
    std::vector<double> flipped = values;
    for (size_t i = 0; i < values.size(); ++i)
      if (flips >> i & 1) flipped[i] = -flipped[i];
    if (std::abs(statistic(flipped)) >= seen) ++as_large;
  }
  return static_cast<double>(as_large) / static_cast<double>(n_flips);
}

}  // namespace

TEST_CASE("the share of flips is the one that counting finds") {
  for (const size_t n : {1u, 2u, 5u, 9u, 12u}) {
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      const std::vector<double> values = drawn(n, seed);
      INFO("n " << n << ", seed " << seed);
      CHECK(sign_flip_p(values) == Approx(counted_p(values)).epsilon(1e-12));
    }
  }
}

TEST_CASE("all on one side is the rarest outcome, whatever the sizes") {
  for (const int n : {1, 5, 12, 60}) {
    std::vector<double> values(static_cast<size_t>(n));
    for (int i = 0; i < n; ++i) values[static_cast<size_t>(i)] = -0.1 * std::exp2(i % 7);
    CHECK(sign_flip_p(values) == Approx(std::exp2(1 - n)));
  }
}

TEST_CASE("differences of nothing count for no side") {
  CHECK(sign_flip_p({}) == 1);
  CHECK(sign_flip_p(std::vector<double>(20, 0.0)) == 1);
  // Twelve on one side: 2^-11; eight of them at the shift leave 2^-3.
  std::vector<double> values(12, 0.5);
  std::fill_n(values.begin(), 8, 0.0);
  CHECK(sign_flip_p(values) == Approx(0.125));
  CHECK(sign_flip_p(values, 0.5) == Approx(0.0078125));
}

TEST_CASE("the interval holds exactly the shifts that are not rejected") {
  constexpr double kLevel = 0.99;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<double> values = drawn(12 + seed, seed);
    const Estimate found = shift_estimate(values, kLevel);
    INFO("seed " << seed);
    CHECK(found.interval.low < found.value);
    CHECK(found.value < found.interval.high);
    constexpr double kBeside = 1e-9;
    CHECK(sign_flip_p(values, found.interval.low - kBeside) <= 1 - kLevel);
    CHECK(sign_flip_p(values, found.interval.low + kBeside) > 1 - kLevel);
    CHECK(sign_flip_p(values, found.interval.high - kBeside) > 1 - kLevel);
    CHECK(sign_flip_p(values, found.interval.high + kBeside) <= 1 - kLevel);
  }
}

TEST_CASE("shifting and mirroring the differences does so to the estimate") {
  std::vector<double> values = drawn(25, 3);
  const Estimate found = shift_estimate(values, 0.99);
  for (double& value : values) value = 2 - value;
  const Estimate other = shift_estimate(values, 0.99);
  CHECK(other.value == Approx(2 - found.value));
  CHECK(other.interval.low == Approx(2 - found.interval.high));
  CHECK(other.interval.high == Approx(2 - found.interval.low));
}

TEST_CASE("a fifth of wild differences moves the estimate little") {
  std::vector<double> values = drawn(25, 4);
  const double before = shift_estimate(values, 0.99).value;
  const auto [least, most] = std::ranges::minmax(values);
  for (size_t i = 0; i < 5; ++i) values[i] = 1000;
  const double after = shift_estimate(values, 0.99).value;
  CHECK(std::abs(after - before) < (most - least) / 4);
}

TEST_CASE("differences without noise leave nothing open, too few leave everything") {
  const Estimate equal = shift_estimate(std::vector<double>(12, 0.25), 0.99);
  CHECK(equal.value == 0.25);
  CHECK(equal.interval.low == 0.25);
  CHECK(equal.interval.high == 0.25);
  const Estimate few = shift_estimate(std::vector<double>{0.1, 0.2, 0.4}, 0.99);
  CHECK(std::isinf(few.interval.low));
  CHECK(std::isinf(few.interval.high));
}

TEST_CASE("the estimate of two is their middle, of one itself") {
  CHECK(shift_estimate(std::vector<double>{1, 3}, 0.9).value == Approx(2));
  CHECK(shift_estimate(std::vector<double>{5}, 0.9).value == 5);
}

TEST_CASE("what cannot be compared is refused") {
  CHECK_THROWS_AS(shift_estimate({}, 0.9), Error);
  CHECK_THROWS_AS(sign_flip_p(std::vector<double>(kMostDifferences + 1, 1.0)), Error);
}
