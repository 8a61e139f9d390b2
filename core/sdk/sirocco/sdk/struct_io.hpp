#pragma once
// Structs of the other side may be shorter or longer than ours: an absent tail reads as zero, and
// nothing is written behind the end that the other side states.

#include <algorithm>
#include <cstddef>
#include <cstring>

#include <sirocco/sdk/plugin.hpp>

namespace sirocco::sdk {

/// A copy of the struct at `source`, as far as its `struct_size` says that it goes; the rest is
/// zero. Throws StatusError(SIROCCO_INVALID_ARGUMENT) for NULL or a size too small to be one.
template <class Struct>
Struct read_struct(const void* source) {
  static_assert(offsetof(Struct, struct_size) == 0);
  size_t size = 0;
  if (source) std::memcpy(&size, source, sizeof size);
  if (size < sizeof size)
    throw StatusError(SIROCCO_INVALID_ARGUMENT, "a struct is missing or has no struct_size");
  Struct copy{};
  std::memcpy(static_cast<void*>(&copy), source, std::min(size, sizeof copy));
  return copy;
}

/// Writes as much of `value` to `target` as the caller's struct_size has room for; that size stays.
template <class Struct>
void write_struct(Struct* target, Struct value) {
  if (!target || target->struct_size < sizeof value.struct_size)
    throw StatusError(SIROCCO_INVALID_ARGUMENT,
                      "a struct to fill is missing or has no struct_size");
  const size_t size = std::min(target->struct_size, sizeof value);
  value.struct_size = target->struct_size;
  std::memcpy(static_cast<void*>(target), &value, size);
}

/// Element `index` of an array whose elements lie `stride` bytes apart. The caller has checked the
/// index.
template <class Struct>
Struct read_element(const Struct* array, size_t stride, size_t index) {
  if (stride < sizeof(size_t))
    throw StatusError(SIROCCO_INVALID_ARGUMENT, "an array of structs has no stride");
  return read_struct<Struct>(reinterpret_cast<const char*>(array) + index * stride);
}

}  // namespace sirocco::sdk
