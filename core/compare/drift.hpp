#pragma once
// How far numbers lie from those they should be.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <sirocco/abi/types.h>
#include <nlohmann/json.hpp>

namespace sirocco {

/// Units in the last place of the value's dtype, at the expected value's magnitude: bucket 0 counts
/// elements that differ by less than half a unit, 1 those up to one, then up to 2, 4, 8 …; the last
/// counts all beyond. A dtype of integers has units of 1.
inline constexpr size_t kUlpBuckets = 18;

/// Adds up differences of `got` from `expected`, all of one dtype.
class DriftSum {
 public:
  /// As many bytes of each. Dtypes that scalars_to_f32() does not read are compared as integers.
  /// Throws Error(failure) where the sizes differ.
  void add(sirocco_dtype dtype, std::span<const std::byte> expected,
           std::span<const std::byte> got);

  uint64_t elements() const { return elements_; }
  /// Elements of which one side is a number and the other is not.
  uint64_t not_finite() const { return not_finite_; }
  double max_abs() const { return max_abs_; }
  /// Σ (got − expected)² / Σ expected²; 0 where both are 0, infinite where only the divisor is or
  /// something is not finite.
  double nmse() const;
  /// Σ got · expected / (|got| |expected|); 1 where both are all zero.
  double cosine() const;
  const std::array<uint64_t, kUlpBuckets>& ulps() const { return ulps_; }

  nlohmann::ordered_json json() const;

 private:
  void add_number(double expected, double got, double unit);

  uint64_t elements_ = 0, not_finite_ = 0;
  double max_abs_ = 0, error_ = 0, power_ = 0, got_power_ = 0, dot_ = 0;
  std::array<uint64_t, kUlpBuckets> ulps_{};
};

/// What NMSE counts as drift rather than rounding, by the dtype that values are kept in.
///
/// f32: 2e-11, as for whole models against independent implementations (tests/golden); a node on
/// the same inputs errs by less. bf16 and f16: 3e-3 for whole models (again tests/golden), whose
/// errors add up over the layers, and a twentieth of it for a node on its own, which is rounded
/// once at its end and at most a few times inside; f16 has three more bits, so 64 times less. Any
/// other dtype: exact.
double drift_bound(sirocco_dtype dtype, bool whole_model);

}  // namespace sirocco
