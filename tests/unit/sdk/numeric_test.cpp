#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "catch.hpp"

#include <sirocco/sdk/numeric.hpp>

using namespace sirocco::sdk;

namespace {

/// A format of 16 bits, spelled out from its definition.
struct Format {
  int exponent_bits;
  int mantissa_bits;

  double value(uint16_t bits) const {
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const int exponent = bits >> mantissa_bits & ((1 << exponent_bits) - 1);
    const int mantissa = bits & ((1 << mantissa_bits) - 1);
    const double sign = bits & 0x8000 ? -1 : 1;
    if (exponent == (1 << exponent_bits) - 1)
      return mantissa ? std::numeric_limits<double>::quiet_NaN() : sign * HUGE_VAL;
    const double fraction = std::ldexp(mantissa, -mantissa_bits);
    if (exponent == 0) return sign * std::ldexp(fraction, 1 - bias);
    return sign * std::ldexp(1 + fraction, exponent - bias);
  }
};

constexpr Format kBf16{8, 7}, kF16{5, 10};

/// Every number of the format is its own image, and what lies between two neighbours goes to the
/// nearer one, in the middle to the one with an even mantissa.
template <class Encode>
void check_rounding(const Format& format, Encode encode) {
  const auto infinity =
      static_cast<uint16_t>(((1 << format.exponent_bits) - 1) << format.mantissa_bits);
  bool right = true;
  for (uint32_t bits = 0; bits < infinity; ++bits) {
    const auto low = static_cast<uint16_t>(bits), high = static_cast<uint16_t>(bits + 1);
    const double below = format.value(low);
    // Beyond the largest number the neighbour is where the next one would be.
    const double step = high == infinity ? below - format.value(static_cast<uint16_t>(bits - 1))
                                         : format.value(high) - below;
    const double middle = below + step / 2;
    const uint16_t even = low % 2 == 0 ? low : high;
    right = right && encode(below) == low && encode(middle) == even &&
            encode(std::nextafter(middle, 0)) == low &&
            encode(std::nextafter(middle, HUGE_VAL)) == high;
    right = right && encode(-below) == (low | 0x8000) && encode(-middle) == (even | 0x8000);
    if (!right) {
      CAPTURE(bits);
      REQUIRE(right);
    }
  }
  REQUIRE(encode(HUGE_VAL) == infinity);
  REQUIRE(encode(-HUGE_VAL) == (infinity | 0x8000));
  REQUIRE(encode(1e300) == infinity);
  REQUIRE(encode(1e-300) == 0);
  REQUIRE(encode(-std::numeric_limits<double>::denorm_min()) == 0x8000);
  REQUIRE(std::isnan(format.value(encode(std::numeric_limits<double>::quiet_NaN()))));
  REQUIRE(std::isnan(format.value(encode(-std::numeric_limits<double>::signaling_NaN()))));
}

}  // namespace

TEST_CASE("every bf16 and f16 decodes to what its bits say") {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const double bf16 = kBf16.value(half), f16 = kF16.value(half);
    const bool same_bf16 =
        std::isnan(bf16) ? std::isnan(bf16_to_float(half)) : bf16_to_float(half) == bf16;
    const bool same_f16 =
        std::isnan(f16) ? std::isnan(f16_to_float(half)) : f16_to_float(half) == f16;
    if (!same_bf16 || !same_f16) {
      CAPTURE(bits);
      REQUIRE(same_bf16);
      REQUIRE(same_f16);
    }
  }
  REQUIRE(std::signbit(f16_to_float(0x8000)));
  REQUIRE(std::signbit(bf16_to_float(0x8000)));
}

TEST_CASE("doubles round to bf16 once, to nearest, ties to even") {
  check_rounding(kBf16, double_to_bf16);
}

TEST_CASE("doubles round to f16 once, to nearest, ties to even") {
  check_rounding(kF16, double_to_f16);
}

TEST_CASE("rounding once differs from rounding by way of f32") {
  // Just above the middle of two bf16: f32 falls on the middle, and from there to the even one.
  const double value = 1 + 0x1p-8 + 0x1p-40;
  REQUIRE(double_to_bf16(static_cast<float>(value)) == 0x3f80);
  REQUIRE(double_to_bf16(value) == 0x3f81);
}

TEST_CASE("floats are read and written at any address") {
  for (const sirocco_dtype dtype :
       {SIROCCO_DTYPE_F32, SIROCCO_DTYPE_F16, SIROCCO_DTYPE_BF16, SIROCCO_DTYPE_F64}) {
    std::vector<std::byte> memory(100, std::byte{0x5A});
    const double source[] = {1.5, -2.25, 0, 1024};
    store_doubles(memory.data() + 1, dtype, 2, 4, source);
    double read[4] = {};
    load_doubles(memory.data() + 1, dtype, 2, 4, read);
    for (int i = 0; i < 4; ++i) REQUIRE(read[i] == source[i]);
    const auto begin = static_cast<size_t>(1 + 2 * dtype_bytes(dtype));
    const auto end = begin + static_cast<size_t>(4 * dtype_bytes(dtype));
    for (size_t i = 0; i < memory.size(); ++i)
      if (i < begin || i >= end) REQUIRE(memory[i] == std::byte{0x5A});
  }
  double read = 0;
  std::byte memory[8] = {};
  REQUIRE_THROWS_AS(load_doubles(memory, SIROCCO_DTYPE_I32, 0, 1, &read), StatusError);
  REQUIRE_THROWS_AS(store_doubles(memory, SIROCCO_DTYPE_BLOCK, 0, 1, &read), StatusError);
}
