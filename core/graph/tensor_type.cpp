#include "graph/tensor_type.hpp"

#include <iterator>

#include <sirocco/error.hpp>

namespace sirocco {
namespace {

struct DtypeInfo {
  const char* name;
  uint64_t bytes;
};

/// By SIROCCO_DTYPE_*.
constexpr DtypeInfo kDtypes[] = {
    {"none", 0}, {"f32", 4},  {"f16", 2},     {"bf16", 2},    {"f64", 8},   {"i8", 1},
    {"i16", 2},  {"i32", 4},  {"i64", 8},     {"u8", 1},      {"u16", 2},   {"u32", 4},
    {"u64", 8},  {"bool", 1}, {"f8_e4m3", 1}, {"f8_e5m2", 1}, {"block", 0},
};
static_assert(std::size(kDtypes) == SIROCCO_DTYPE_BLOCK + 1);

const char* symbol_name(int32_t symbol) {
  switch (symbol) {
    case SIROCCO_SYM_TOKENS:
      return "T";
    case SIROCCO_SYM_SEQS:
      return "S";
    case SIROCCO_SYM_ROWS:
      return "R";
    default:
      return "?";
  }
}

int64_t symbol_extent(int32_t symbol, const Extents& extents) {
  switch (symbol) {
    case SIROCCO_SYM_TOKENS:
      return extents.tokens;
    case SIROCCO_SYM_SEQS:
      return extents.seqs;
    case SIROCCO_SYM_ROWS:
      return extents.rows;
    default:
      return 0;
  }
}

[[noreturn]] void fail_size(const std::string& what) {
  throw Error(ErrorKind::invalid_file, "the size of " + what + " overflows 64 bits");
}

uint64_t block_bytes(const TensorType& type, int64_t elements, const Extents& extents) {
  const std::string name = type.to_string();
  if (!type.quant || type.quant->block_elements == 0 || type.shape.empty())
    throw Error(ErrorKind::invalid_file, name + " does not say how its blocks are stored");
  const int64_t block = type.quant->block_elements;
  if (type.shape.back().at(extents) % block != 0)
    throw Error(ErrorKind::invalid_file, "the innermost extent of " + name +
                                             " is no multiple of its blocks of " +
                                             std::to_string(block) + " elements");
  const auto bytes = checked_product(elements / block, type.quant->block_bytes);
  if (!bytes) fail_size(name);
  return static_cast<uint64_t>(*bytes);
}

}  // namespace

std::optional<int64_t> checked_product(int64_t a, int64_t b) {
  int64_t result = 0;
  if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, &result)) return std::nullopt;
  return result;
}

std::optional<int64_t> checked_sum(int64_t a, int64_t b) {
  int64_t result = 0;
  if (a < 0 || b < 0 || __builtin_add_overflow(a, b, &result)) return std::nullopt;
  return result;
}

int64_t Dim::at(const Extents& extents) const {
  int64_t scaled = 0;
  int64_t result = 0;
  if (__builtin_mul_overflow(int64_t{scale}, symbol_extent(symbol, extents), &scaled) ||
      __builtin_add_overflow(base, scaled, &result))
    fail_size("an extent of " + to_string());
  if (result < 0)
    throw Error(ErrorKind::invalid_file, "an extent of " + to_string() + " is negative");
  return result;
}

std::string Dim::to_string() const {
  if (is_constant()) return std::to_string(base);
  std::string text = symbol_name(symbol);
  if (scale != 1) text = std::to_string(scale) + "*" + text;
  if (base > 0) text += "+" + std::to_string(base);
  if (base < 0) text += std::to_string(base);
  return text;
}

int64_t TensorType::elements(const Extents& extents) const {
  int64_t product = 1;
  for (const Dim& dim : shape) {
    const auto next = checked_product(product, dim.at(extents));
    if (!next) fail_size(to_string());
    product = *next;
  }
  return product;
}

uint64_t TensorType::bytes(const Extents& extents) const {
  const int64_t count = elements(extents);
  if (dtype == SIROCCO_DTYPE_BLOCK) return block_bytes(*this, count, extents);
  const uint64_t element = dtype_bytes(dtype);
  if (element == 0) throw Error(ErrorKind::invalid_file, to_string() + " has no dtype");
  const auto bytes = checked_product(count, static_cast<int64_t>(element));
  if (!bytes) fail_size(to_string());
  return static_cast<uint64_t>(*bytes);
}

std::string TensorType::to_string() const {
  const std::string name =
      dtype == SIROCCO_DTYPE_BLOCK && quant ? quant->scheme : std::string(dtype_name(dtype));
  return name + " " + shape_to_string(shape);
}

const char* dtype_name(sirocco_dtype dtype) {
  if (dtype < 0 || dtype >= static_cast<sirocco_dtype>(std::size(kDtypes))) return kDtypes[0].name;
  return kDtypes[dtype].name;
}

sirocco_dtype dtype_from_name(const std::string& name) {
  for (size_t i = 1; i < std::size(kDtypes); ++i)
    if (name == kDtypes[i].name) return static_cast<sirocco_dtype>(i);
  return SIROCCO_DTYPE_NONE;
}

uint64_t dtype_bytes(sirocco_dtype dtype) {
  if (dtype < 0 || dtype >= static_cast<sirocco_dtype>(std::size(kDtypes))) return 0;
  return kDtypes[dtype].bytes;
}

bool is_float(sirocco_dtype dtype) {
  return dtype == SIROCCO_DTYPE_F32 || dtype == SIROCCO_DTYPE_F16 || dtype == SIROCCO_DTYPE_BF16 ||
         dtype == SIROCCO_DTYPE_F64;
}

std::string shape_to_string(const Shape& shape) {
  std::string text = "[";
  for (const Dim& dim : shape) {
    if (text.size() > 1) text += ", ";
    text += dim.to_string();
  }
  return text + "]";
}

}  // namespace sirocco
