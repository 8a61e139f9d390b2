#pragma once
// What a state group takes and where its pages lie, on whatever device.

#include <cstdint>
#include <vector>

#include <sirocco/abi/backend.h>
#include <sirocco/sdk/struct_io.hpp>
#include <sirocco/sdk/tensor.hpp>

namespace sirocco::sdk {

/// One plane of one member: [n_pages, page_tokens, width] of a paged group, [n_slots, elements] of
/// a recurrent one.
struct StatePlane {
  uint32_t member = 0;  ///< as in sirocco_state
  bool values = false;  ///< the second plane
  sirocco_dtype dtype = SIROCCO_DTYPE_NONE;
  int64_t width = 0;       ///< elements of one entry
  int64_t page_bytes = 0;  ///< of all entries of one page
  uint64_t offset = 0;     ///< bytes, in the store
};

/// What a group takes, worked out alike for `state_bytes` and `state_create`.
struct StateLayout {
  std::vector<sirocco_state> members;
  std::vector<StatePlane> planes;
  bool paged = true;
  int64_t n_pages = 0;
  int64_t page_tokens = 1;  ///< 1 for slots
  uint64_t bytes = 0;

  /// Throws StatusError for sizes or dtypes that make no sense here.
  explicit StateLayout(const sirocco_state_group* source) {
    const auto group = read_struct<sirocco_state_group>(source);
    paged = group.kind == SIROCCO_STATE_PAGED;
    if (!paged && group.kind != SIROCCO_STATE_RECURRENT)
      throw StatusError(SIROCCO_UNSUPPORTED, "a state group of an unknown kind");
    if (group.n_pages > INT32_MAX)
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "a state group has too many pages");
    n_pages = static_cast<int64_t>(group.n_pages);
    for (size_t i = 0; i < group.n_members; ++i)
      add(read_element(group.members, group.member_stride, i));
  }

  int64_t page_bytes() const {
    int64_t sum = 0;
    for (const StatePlane& plane : planes) sum += plane.page_bytes;
    return sum;
  }

 private:
  void add(const sirocco_state& member) {
    if (paged) {
      if (member.page_tokens == 0 || (!members.empty() && member.page_tokens != page_tokens))
        throw StatusError(SIROCCO_INVALID_ARGUMENT, "members of a group differ in page_tokens");
      page_tokens = member.page_tokens;
    }
    members.push_back(member);
    add_plane(member, false, paged ? checked_product(member.heads, member.k_dim) : member.elements);
    if (paged && member.v_dim) add_plane(member, true, checked_product(member.heads, member.v_dim));
  }

  void add_plane(const sirocco_state& member, bool values, int64_t width) {
    const int64_t element = dtype_bytes(member.dtype);
    if (!element) throw StatusError(SIROCCO_UNSUPPORTED, "states of this dtype are not offered");
    const int64_t page = checked_product(checked_product(width, page_tokens), element);
    planes.push_back({member.member, values, member.dtype, width, page, bytes});
    const int64_t plane = checked_product(page, n_pages);
    if (plane > INT64_MAX / 4 || bytes > INT64_MAX / 4)
      throw StatusError(SIROCCO_OUT_OF_MEMORY, "a state group is too large");
    bytes += (static_cast<uint64_t>(plane) + 63) / 64 * 64;
  }
};

}  // namespace sirocco::sdk
