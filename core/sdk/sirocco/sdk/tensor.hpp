#pragma once
// Dtypes, extents and sizes of tensors.

#include <cstdint>
#include <limits>
#include <string_view>

#include <sirocco/abi/types.h>
#include <sirocco/sdk/plugin.hpp>

namespace sirocco::sdk {

inline bool is_float(sirocco_dtype dtype) {
  return dtype == SIROCCO_DTYPE_F32 || dtype == SIROCCO_DTYPE_F16 || dtype == SIROCCO_DTYPE_BF16 ||
         dtype == SIROCCO_DTYPE_F64;
}

/// Bytes of one element; 0 for dtypes without a fixed size (NONE, BLOCK, unknown ones).
inline int64_t dtype_bytes(sirocco_dtype dtype) {
  switch (dtype) {
    case SIROCCO_DTYPE_I8:
    case SIROCCO_DTYPE_U8:
    case SIROCCO_DTYPE_BOOL:
    case SIROCCO_DTYPE_F8_E4M3:
    case SIROCCO_DTYPE_F8_E5M2:
      return 1;
    case SIROCCO_DTYPE_F16:
    case SIROCCO_DTYPE_BF16:
    case SIROCCO_DTYPE_I16:
    case SIROCCO_DTYPE_U16:
      return 2;
    case SIROCCO_DTYPE_F32:
    case SIROCCO_DTYPE_I32:
    case SIROCCO_DTYPE_U32:
      return 4;
    case SIROCCO_DTYPE_F64:
    case SIROCCO_DTYPE_I64:
    case SIROCCO_DTYPE_U64:
      return 8;
    default:
      return 0;
  }
}

/// The float dtype of that name ("bf16"), or SIROCCO_DTYPE_NONE.
inline sirocco_dtype float_dtype(std::string_view name) {
  if (name == "f32") return SIROCCO_DTYPE_F32;
  if (name == "f16") return SIROCCO_DTYPE_F16;
  if (name == "bf16") return SIROCCO_DTYPE_BF16;
  if (name == "f64") return SIROCCO_DTYPE_F64;
  return SIROCCO_DTYPE_NONE;
}

/// The step's sizes, padding included.
struct Extents {
  int64_t tokens = 1;
  int64_t seqs = 1;
  int64_t rows = 1;
};

/// `a * b` of numbers ≥ 0. Throws StatusError where it does not fit.
inline int64_t checked_product(int64_t a, int64_t b) {
  int64_t product = 0;
  if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, &product))
    throw StatusError(SIROCCO_INVALID_ARGUMENT, "a tensor's size is negative or overflows 64 bits");
  return product;
}

/// A dimension at the step's sizes. Throws StatusError for one that is negative or unknown.
inline int64_t extent(const sirocco_dim& dim, const Extents& extents) {
  int64_t symbol = 0;
  switch (dim.symbol) {
    case SIROCCO_SYM_NONE:
      break;
    case SIROCCO_SYM_TOKENS:
      symbol = extents.tokens;
      break;
    case SIROCCO_SYM_SEQS:
      symbol = extents.seqs;
      break;
    case SIROCCO_SYM_ROWS:
      symbol = extents.rows;
      break;
    default:
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "a dimension has an unknown symbol");
  }
  int64_t scaled = 0, sum = 0;
  if (__builtin_mul_overflow(static_cast<int64_t>(dim.scale), symbol, &scaled) ||
      __builtin_add_overflow(dim.base, scaled, &sum) || sum < 0)
    throw StatusError(SIROCCO_INVALID_ARGUMENT, "a dimension is negative or overflows 64 bits");
  return sum;
}

inline bool is_constant(const sirocco_dim& dim) {
  return dim.symbol == SIROCCO_SYM_NONE;
}

inline bool same_dim(const sirocco_dim& a, const sirocco_dim& b) {
  return a.base == b.base && a.symbol == b.symbol && (is_constant(a) || a.scale == b.scale);
}

/// Bytes of a tensor at the step's sizes. Throws StatusError where they cannot be known.
inline int64_t tensor_bytes(const sirocco_tensor& tensor, const Extents& extents) {
  if (tensor.rank > SIROCCO_MAX_RANK)
    throw StatusError(SIROCCO_INVALID_ARGUMENT, "a tensor has too many dimensions");
  int64_t leading = 1, inner = 1;
  for (uint32_t i = 0; i + 1 < tensor.rank; ++i)
    leading = checked_product(leading, extent(tensor.dims[i], extents));
  if (tensor.rank) inner = extent(tensor.dims[tensor.rank - 1], extents);
  if (tensor.dtype != SIROCCO_DTYPE_BLOCK) {
    const int64_t element = dtype_bytes(tensor.dtype);
    if (!element) throw StatusError(SIROCCO_UNSUPPORTED, "a tensor has a dtype of unknown size");
    return checked_product(checked_product(leading, inner), element);
  }
  if (!tensor.quant || !tensor.quant->block_elements || inner % tensor.quant->block_elements != 0)
    throw StatusError(SIROCCO_INVALID_ARGUMENT, "a tensor's rows are no whole number of blocks");
  return checked_product(checked_product(leading, inner / tensor.quant->block_elements),
                         tensor.quant->block_bytes);
}

/// A tensor as a kernel sees it: its sizes are those of the step. `data` may be unaligned where it
/// is a mapped weight. NULL `data`: an optional input that is absent.
struct Tensor {
  std::byte* data = nullptr;
  sirocco_dtype dtype = SIROCCO_DTYPE_NONE;
  uint32_t rank = 0;
  int64_t dims[SIROCCO_MAX_RANK] = {};
  int64_t elements = 0;  ///< product of all dims
  int64_t bytes = 0;

  /// The innermost extent; 1 for a scalar.
  int64_t width() const { return rank ? dims[rank - 1] : 1; }
  /// Elements over width: the number of innermost rows.
  int64_t rows() const { return width() ? elements / width() : 0; }
};

}  // namespace sirocco::sdk
