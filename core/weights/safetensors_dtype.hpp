#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <sirocco/abi/types.h>

namespace sirocco::safetensors {

/// One dtype of the format: its name in a header, ours, and the bytes of an element.
struct DtypeInfo {
  std::string_view name;
  sirocco_dtype dtype;
  std::uint32_t item_bytes;
};

/// The dtype that a header calls `name`; null when it is not one we read.
const DtypeInfo* dtype_by_name(std::string_view name);

/// How the format spells `dtype`; null when it cannot hold it.
const DtypeInfo* dtype_info(sirocco_dtype dtype);

/// Bytes of `rank` dims of `item_bytes` elements, 0 if a dim is 0. Null when a dim is negative, or
/// when the product of the non-zero dims and item_bytes exceeds int64: so no partial product that a
/// consumer forms can overflow either, whatever its order.
std::optional<std::uint64_t> checked_bytes(const std::int64_t* dims, std::size_t rank,
                                           std::uint32_t item_bytes);

}  // namespace sirocco::safetensors
