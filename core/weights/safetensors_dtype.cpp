#include "weights/safetensors_dtype.hpp"

#include <algorithm>
#include <array>

namespace sirocco::safetensors {
namespace {

constexpr std::array<DtypeInfo, 15> kDtypes{{
    {"F32", SIROCCO_DTYPE_F32, 4},
    {"F16", SIROCCO_DTYPE_F16, 2},
    {"BF16", SIROCCO_DTYPE_BF16, 2},
    {"F64", SIROCCO_DTYPE_F64, 8},
    {"I8", SIROCCO_DTYPE_I8, 1},
    {"I16", SIROCCO_DTYPE_I16, 2},
    {"I32", SIROCCO_DTYPE_I32, 4},
    {"I64", SIROCCO_DTYPE_I64, 8},
    {"U8", SIROCCO_DTYPE_U8, 1},
    {"U16", SIROCCO_DTYPE_U16, 2},
    {"U32", SIROCCO_DTYPE_U32, 4},
    {"U64", SIROCCO_DTYPE_U64, 8},
    {"BOOL", SIROCCO_DTYPE_BOOL, 1},
    {"F8_E4M3", SIROCCO_DTYPE_F8_E4M3, 1},
    {"F8_E5M2", SIROCCO_DTYPE_F8_E5M2, 1},
}};

}  // namespace

const DtypeInfo* dtype_by_name(std::string_view name) {
  const auto it = std::find_if(kDtypes.begin(), kDtypes.end(),
                               [&](const DtypeInfo& info) { return info.name == name; });
  return it == kDtypes.end() ? nullptr : &*it;
}

const DtypeInfo* dtype_info(sirocco_dtype dtype) {
  const auto it = std::find_if(kDtypes.begin(), kDtypes.end(),
                               [&](const DtypeInfo& info) { return info.dtype == dtype; });
  return it == kDtypes.end() ? nullptr : &*it;
}

std::optional<std::uint64_t> checked_bytes(const std::int64_t* dims, std::size_t rank,
                                           std::uint32_t item_bytes) {
  std::int64_t product = item_bytes;
  bool empty = false;
  for (std::size_t i = 0; i < rank; ++i) {
    if (dims[i] < 0) return std::nullopt;
    if (dims[i] == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(product, dims[i], &product)) {
      return std::nullopt;
    }
  }
  return empty ? 0 : static_cast<std::uint64_t>(product);
}

}  // namespace sirocco::safetensors
