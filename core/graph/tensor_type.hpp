#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sirocco/abi/types.h>

namespace sirocco {

/// The sizes of one step, or the largest sizes that a plan allows.
struct Extents {
  int64_t tokens = 1;
  int64_t seqs = 1;
  int64_t rows = 1;
};

/// An extent that may depend on the step: `base + scale * symbol`.
struct Dim {
  int64_t base = 0;
  int32_t scale = 0;
  int32_t symbol = SIROCCO_SYM_NONE;

  static Dim constant(int64_t extent) { return {extent, 0, SIROCCO_SYM_NONE}; }
  static Dim of(int32_t symbol) { return {0, 1, symbol}; }
  bool is_constant() const { return symbol == SIROCCO_SYM_NONE; }
  /// The extent at these sizes. Throws Error(invalid_file) on overflow or a negative extent.
  int64_t at(const Extents& extents) const;
  /// "4096", "T", "2*T+1".
  std::string to_string() const;
  bool operator==(const Dim&) const = default;
};

using Shape = std::vector<Dim>;

/// A block quantisation, as `sirocco_quant` but owning its name.
struct Quant {
  std::string scheme;
  uint32_t block_elements = 0;
  uint32_t block_bytes = 0;
  bool planar = false;
  bool operator==(const Quant&) const = default;
};

/// dtype and shape of a dense row-major tensor.
struct TensorType {
  sirocco_dtype dtype = SIROCCO_DTYPE_NONE;
  Shape shape = {};
  std::optional<Quant> quant = {};

  size_t rank() const { return shape.size(); }
  /// Elements at these sizes. Throws Error(invalid_file) where the count overflows.
  int64_t elements(const Extents& extents) const;
  /// Bytes at these sizes. Throws as `elements`, for a type without a dtype, and for a quantised
  /// type whose innermost extent is no multiple of the block.
  uint64_t bytes(const Extents& extents) const;
  /// "bf16 [T, 4096]".
  std::string to_string() const;
  bool operator==(const TensorType&) const = default;
};

/// "f32", "bf16", …; "none" for a dtype that this host does not know.
const char* dtype_name(sirocco_dtype dtype);
/// SIROCCO_DTYPE_NONE for an unknown name.
sirocco_dtype dtype_from_name(const std::string& name);
/// Bytes of one element; 0 for block-quantised and unknown dtypes.
uint64_t dtype_bytes(sirocco_dtype dtype);
/// f32, f16, bf16, f64.
bool is_float(sirocco_dtype dtype);
std::string shape_to_string(const Shape& shape);

/// The product of two extents; nullopt on overflow or a negative factor.
std::optional<int64_t> checked_product(int64_t a, int64_t b);
/// The sum of two extents; nullopt on overflow or a negative term.
std::optional<int64_t> checked_sum(int64_t a, int64_t b);

}  // namespace sirocco
