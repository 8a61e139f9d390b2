#include "compare/drift.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "graph/scalar.hpp"
#include "graph/tensor_type.hpp"

namespace sirocco {
namespace {

/// Bits of the significand behind the leading one, and the least exponent of normal numbers.
struct Format {
  int fraction = 0;
  int least = 0;
};

bool format_of(sirocco_dtype dtype, Format& format) {
  switch (dtype) {
    case SIROCCO_DTYPE_F32:
      format = {23, -126};
      return true;
    case SIROCCO_DTYPE_F16:
      format = {10, -14};
      return true;
    case SIROCCO_DTYPE_BF16:
      format = {7, -126};
      return true;
    default:
      return false;
  }
}

double unit_of(double value, const Format& format) {
  int exponent = format.least;
  if (value != 0) exponent = std::max(std::ilogb(value), format.least);
  return std::ldexp(1.0, exponent - format.fraction);
}

size_t bucket(double units) {
  if (units < 0.5) return 0;
  size_t index = 1;
  for (double most = 1; units > most && index + 1 < kUlpBuckets; most *= 2) ++index;
  return index;
}

/// An integer element of 1, 2, 4 or 8 bytes, signed.
double integer_at(const std::byte* at, size_t bytes) {
  int64_t value = 0;
  std::memcpy(&value, at, bytes);
  const auto unused = static_cast<int>(64 - 8 * bytes);
  return static_cast<double>(static_cast<int64_t>(static_cast<uint64_t>(value) << unused) >>
                             unused);
}

}  // namespace

void DriftSum::add_number(double expected, double got, double unit) {
  ++elements_;
  if (!std::isfinite(expected) || !std::isfinite(got)) {
    // Both the same infinity, or both not a number, are no drift.
    const bool same = expected == got || (std::isnan(expected) && std::isnan(got));
    not_finite_ += !same;
    ++ulps_[same ? 0 : kUlpBuckets - 1];
    return;
  }
  const double difference = std::abs(got - expected);
  max_abs_ = std::max(max_abs_, difference);
  error_ += difference * difference;
  power_ += expected * expected;
  got_power_ += got * got;
  dot_ += expected * got;
  ++ulps_[bucket(difference / unit)];
}

void DriftSum::add(sirocco_dtype dtype, std::span<const std::byte> expected,
                   std::span<const std::byte> got) {
  const size_t item = dtype_bytes(dtype);
  if (expected.size() != got.size() || item == 0)
    throw Error(ErrorKind::failure,
                fmt::format("{} bytes cannot be compared with {}", got.size(), expected.size()));
  const size_t n = expected.size() / item;
  Format format;
  if (!format_of(dtype, format)) {
    for (size_t i = 0; i < n; ++i)
      add_number(integer_at(expected.data() + i * item, item),
                 integer_at(got.data() + i * item, item), 1);
    return;
  }
  std::vector<float> left(n), right(n);
  scalars_to_f32(expected.data(), dtype, n, left.data());
  scalars_to_f32(got.data(), dtype, n, right.data());
  for (size_t i = 0; i < n; ++i)
    add_number(left[i], right[i], std::isfinite(left[i]) ? unit_of(left[i], format) : 1);
}

double DriftSum::nmse() const {
  if (not_finite_) return std::numeric_limits<double>::infinity();
  if (error_ == 0) return 0;
  return power_ > 0 ? error_ / power_ : std::numeric_limits<double>::infinity();
}

double DriftSum::cosine() const {
  const double lengths = std::sqrt(power_) * std::sqrt(got_power_);
  if (lengths > 0) return dot_ / lengths;
  return power_ == got_power_ ? 1 : 0;
}

nlohmann::ordered_json DriftSum::json() const {
  // JSON has no infinity: null says that there is no such number.
  const double error = nmse();
  return {{"elements", elements_},
          {"not_finite", not_finite_},
          {"max_abs", max_abs_},
          {"nmse", std::isfinite(error) ? nlohmann::ordered_json(error) : nullptr},
          {"cosine", cosine()},
          {"ulps", ulps_}};
}

double drift_bound(sirocco_dtype dtype, bool whole_model) {
  constexpr double kNodeShare = 20;
  switch (dtype) {
    case SIROCCO_DTYPE_F32:
      return 2e-11;
    case SIROCCO_DTYPE_BF16:
      return whole_model ? 3e-3 : 3e-3 / kNodeShare;
    case SIROCCO_DTYPE_F16:
      return (whole_model ? 3e-3 : 3e-3 / kNodeShare) / 64;
    default:
      return 0;
  }
}

}  // namespace sirocco
