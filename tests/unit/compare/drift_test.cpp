#include "compare/drift.hpp"

#include "catch.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include <sirocco/error.hpp>

using namespace sirocco;

namespace {

template <class T>
DriftSum sum(sirocco_dtype dtype, const std::vector<T>& expected, const std::vector<T>& got) {
  DriftSum sum;
  sum.add(dtype, std::as_bytes(std::span(expected)), std::as_bytes(std::span(got)));
  return sum;
}

DriftSum f32(const std::vector<float>& expected, const std::vector<float>& got) {
  return sum(SIROCCO_DTYPE_F32, expected, got);
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("drift is the error's power over the expected values'") {
  const DriftSum drift = f32({3, -4, 0}, {3.5f, -4, 1});
  CHECK(drift.elements() == 3);
  CHECK(drift.max_abs() == 1);
  CHECK(drift.nmse() == Approx((0.25 + 1) / 25));
  CHECK(drift.cosine() == Approx((3 * 3.5 + 16) / (5 * std::sqrt(3.5 * 3.5 + 16 + 1))));
  CHECK(drift.not_finite() == 0);
}

TEST_CASE("drift adds up over calls") {
  DriftSum drift = f32({1, 2}, {1, 2});
  const std::vector<float> expected = {2}, got = {1};
  drift.add(SIROCCO_DTYPE_F32, std::as_bytes(std::span(expected)), std::as_bytes(std::span(got)));
  CHECK(drift.elements() == 3);
  CHECK(drift.nmse() == Approx(1.0 / 9));
}

TEST_CASE("drift of nothing and from nothing") {
  CHECK(DriftSum().nmse() == 0);
  CHECK(DriftSum().cosine() == 1);
  CHECK(f32({0, 0}, {0, 0}).nmse() == 0);
  CHECK(f32({0, 0}, {0, 0}).cosine() == 1);
  CHECK(std::isinf(f32({0, 0}, {0, 1}).nmse()));
  CHECK(f32({0, 0}, {0, 1}).cosine() == 0);
}

TEST_CASE("units in the last place are those of the dtype at the expected value") {
  const float unit = std::ldexp(1.0f, -23);
  // Less than half a unit, one unit, two, three (up to four), and far off; 4 has units of 4.
  const DriftSum drift =
      f32({1, 1, 1, 1, 1, 4}, {1, 1 + unit, 1 + 2 * unit, 1 + 3 * unit, 2, 4 + 4 * unit});
  CHECK(drift.ulps()[0] == 1);
  CHECK(drift.ulps()[1] == 2);
  CHECK(drift.ulps()[2] == 1);
  CHECK(drift.ulps()[3] == 1);
  CHECK(drift.ulps()[kUlpBuckets - 1] == 1);
  // 1 and the next number above it in bf16 and in f16: one unit each.
  CHECK(sum<uint16_t>(SIROCCO_DTYPE_BF16, {0x3f80}, {0x3f81}).ulps()[1] == 1);
  CHECK(sum<uint16_t>(SIROCCO_DTYPE_F16, {0x3c00}, {0x3c01}).ulps()[1] == 1);
  // The least number of f32 has the same unit as all below the normal ones.
  CHECK(f32({0}, {std::numeric_limits<float>::denorm_min()}).ulps()[1] == 1);
}

TEST_CASE("what is not finite drifts, unless both are alike") {
  const DriftSum alike = f32({kInfinity, kNan, 1}, {kInfinity, kNan, 1});
  CHECK(alike.not_finite() == 0);
  CHECK(alike.nmse() == 0);
  for (const auto& [expected, got] : std::vector<std::pair<float, float>>{
           {1.0f, kNan}, {kNan, 1.0f}, {kInfinity, -kInfinity}, {1.0f, kInfinity}}) {
    const DriftSum drift = f32({expected, 1}, {got, 1});
    CHECK(drift.not_finite() == 1);
    CHECK(std::isinf(drift.nmse()));
    CHECK(drift.ulps()[kUlpBuckets - 1] == 1);
    CHECK(drift.json()["nmse"].is_null());
  }
}

TEST_CASE("integers are compared as they are") {
  CHECK(sum<int32_t>(SIROCCO_DTYPE_I32, {5, -7}, {5, -7}).nmse() == 0);
  const DriftSum drift = sum<int32_t>(SIROCCO_DTYPE_I32, {5, -7}, {5, -9});
  CHECK(drift.max_abs() == 2);
  CHECK(drift.ulps()[2] == 1);
  CHECK(drift_bound(SIROCCO_DTYPE_I32, true) == 0);
}

TEST_CASE("values of other sizes are refused") {
  CHECK_THROWS_AS(f32({1, 2}, {1}), Error);
  CHECK_THROWS_AS(sum<float>(SIROCCO_DTYPE_NONE, {1}, {1}), Error);
}

TEST_CASE("a node alone is held to less than a whole model where values are rounded") {
  for (const sirocco_dtype dtype : {SIROCCO_DTYPE_BF16, SIROCCO_DTYPE_F16})
    CHECK(drift_bound(dtype, false) < drift_bound(dtype, true));
  CHECK(drift_bound(SIROCCO_DTYPE_F16, true) < drift_bound(SIROCCO_DTYPE_BF16, true));
  CHECK(drift_bound(SIROCCO_DTYPE_F32, true) < drift_bound(SIROCCO_DTYPE_F16, false));
}
