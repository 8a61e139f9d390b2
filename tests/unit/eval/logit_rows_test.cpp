#include "eval/logit_rows.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <sirocco/error.hpp>

#include "catch.hpp"

using namespace sirocco;

namespace {

const std::vector<float> kBase = {2, -1, 0.5, 3, 0, -2, 1};
const std::vector<float> kRow = {2.5, -1.5, 0.25, 2, 0.5, -2, 1.25};
constexpr float kInfinity = std::numeric_limits<float>::infinity();

ErrorKind kind_of(const std::vector<float>& base, const std::vector<float>& row, int32_t token) {
  try {
    compare_rows(base, row, token);
  } catch (const Error& e) {
    return e.kind();
  }
  FAIL("accepted");
  return ErrorKind::bounds;
}

}  // namespace

TEST_CASE("two rows compare as numpy computes it") {
  CHECK(log_sum_exp(kBase) == Approx(3.5069021634241717).epsilon(1e-14));
  CHECK(log_probability(kRow, 4) == Approx(-2.771586110468365).epsilon(1e-14));
  const RowComparison result = compare_rows(kBase, kRow, 4);
  CHECK(result.kl == Approx(0.23874746859251395).epsilon(1e-13));
  CHECK(result.log_p == Approx(-2.771586110468365).epsilon(1e-14));
  CHECK(result.base_log_p == Approx(-3.5069021634241717).epsilon(1e-14));
  CHECK(result.delta_p() == Approx(0.03257302086520597).epsilon(1e-13));
  CHECK(!result.same_top);
  CHECK(result.top5 == 1);  // {3, 0, 6, 2, 4} and {0, 3, 6, 4, 2}
}

TEST_CASE("equal rows have no divergence at all, and a constant changes nothing that counts") {
  const RowComparison same = compare_rows(kRow, kRow, 1);
  CHECK(same.kl == 0);
  CHECK(same.delta_p() == 0);
  CHECK(same.same_top);
  CHECK(same.top5 == 1);
  std::vector<float> shifted = kRow;
  for (float& logit : shifted) logit += 100;
  const RowComparison moved = compare_rows(kBase, shifted, 4);
  CHECK(moved.kl == Approx(0.23874746859251395).epsilon(1e-12));
  CHECK(moved.log_p == Approx(-2.771586110468365).epsilon(1e-12));
}

TEST_CASE("large logits do not overflow") {
  CHECK(log_sum_exp(std::vector<float>{3e38f, 3e38f}) == Approx(double{3e38f}));
  CHECK(log_sum_exp(std::vector<float>{-3e38f, -kInfinity}) == Approx(double{-3e38f}));
}

TEST_CASE("of equal logits the first token is the top") {
  CHECK(compare_rows(std::vector<float>{1, 2, 2}, std::vector<float>{0, 5, 1}, 0).same_top);
  CHECK(!compare_rows(std::vector<float>{1, 2, 2}, std::vector<float>{0, 1, 5}, 0).same_top);
}

TEST_CASE("the top five agree as far as they share tokens, in whatever order") {
  const std::vector<float> up = {1, 2, 3, 4, 5, 6, 7, 8}, down = {8, 7, 6, 5, 4, 3, 2, 1};
  CHECK(compare_rows(up, down, 0).top5 == Approx(0.4));  // 3 and 4 of {7 6 5 4 3}, {0 1 2 3 4}
  CHECK(compare_rows(std::vector<float>{1, 2}, std::vector<float>{2, 1}, 0).top5 == 1);
}

TEST_CASE("tokens without probability") {
  const std::vector<float> masked = {1, -kInfinity, 1};
  const std::vector<float> open = {1, 1, 1};
  CHECK(compare_rows(masked, open, 0).kl == Approx(std::log(1.5)));
  CHECK(compare_rows(open, masked, 0).kl == std::numeric_limits<double>::infinity());
  CHECK(compare_rows(masked, masked, 0).kl == 0);
}

TEST_CASE("rows that are none are refused") {
  const std::vector<float> good = {1, 2, 3};
  CHECK(kind_of(good, {1, 2}, 0) == ErrorKind::usage);
  CHECK(kind_of(good, good, 3) == ErrorKind::usage);
  CHECK(kind_of(good, good, -1) == ErrorKind::usage);
  CHECK(kind_of(good, {1, std::nanf(""), 2}, 0) == ErrorKind::failure);
  CHECK(kind_of({1, kInfinity, 2}, good, 0) == ErrorKind::failure);
  CHECK(kind_of(good, {-kInfinity, -kInfinity, -kInfinity}, 0) == ErrorKind::failure);
}
