#pragma once
// The bytes of one state group on a device that computes in host memory.

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <sirocco/abi/backend.h>
#include <sirocco/sdk/device_memory.hpp>
#include <sirocco/sdk/graph_view.hpp>
#include <sirocco/sdk/kernel.hpp>

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

class StateStore {
 public:
  StateStore(DeviceMemory& memory, const sirocco_state_group* group)
      : memory_(memory), layout_(group), block_(memory.create(layout_.bytes)) {}
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;
  ~StateStore() { memory_.destroy(block_); }

  const StateLayout& layout() const { return layout_; }

  /// Throws StatusError(SIROCCO_INVALID_ARGUMENT) unless the store holds that very member.
  StateView view(const sirocco_state& spec) const {
    StateView found;
    for (const sirocco_state& member : layout_.members) {
      if (member.member == spec.member && member.kind == spec.kind && member.dtype == spec.dtype &&
          member.heads == spec.heads && member.k_dim == spec.k_dim && member.v_dim == spec.v_dim &&
          member.elements == spec.elements && member.page_tokens == spec.page_tokens)
        found.spec = spec;
    }
    if (!found.spec.struct_size)
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "the bound state store lacks this state");
    for (const StatePlane& plane : layout_.planes)
      if (plane.member == spec.member) (plane.values ? found.values : found.keys) = tensor(plane);
    return found;
  }

  void copy(uint32_t from, uint32_t to, uint32_t n_tokens) {
    check_page(from);
    check_page(to);
    if (layout_.paged && n_tokens > layout_.page_tokens)
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "a page does not hold that many tokens");
    for (const StatePlane& plane : layout_.planes) {
      const int64_t entry = plane.page_bytes / layout_.page_tokens;
      const int64_t bytes = layout_.paged ? entry * n_tokens : plane.page_bytes;
      std::memmove(page(plane, to), page(plane, from), static_cast<size_t>(bytes));
    }
  }

  void truncate() const {
    if (!layout_.paged)
      throw StatusError(SIROCCO_UNSUPPORTED,
                        "a recurrent state cannot go back; restore a snapshot");
  }

  void snapshot(uint32_t slot, uint64_t id) {
    std::vector<std::byte>& kept = snapshots_[id];
    kept.resize(slot_bytes(slot));
    export_page(slot, kept.data());
  }

  void restore(uint32_t slot, uint64_t id) {
    const size_t bytes = slot_bytes(slot);
    const auto found = snapshots_.find(id);
    if (found == snapshots_.end() || found->second.size() != bytes)
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "there is no snapshot " + std::to_string(id));
    import_page(slot, found->second.data(), bytes);
  }

  uint64_t page_bytes() const { return static_cast<uint64_t>(layout_.page_bytes()); }

  /// `target` has room for `page_bytes()`.
  void export_page(uint32_t index, std::byte* target) const {
    check_page(index);
    for (const StatePlane& plane : layout_.planes) {
      std::memcpy(target, page(plane, index), static_cast<size_t>(plane.page_bytes));
      target += plane.page_bytes;
    }
  }

  void import_page(uint32_t index, const std::byte* source, uint64_t bytes) {
    check_page(index);
    if (bytes != page_bytes())
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "a page of " + std::to_string(bytes) +
                                                      " bytes was given, it has " +
                                                      std::to_string(page_bytes()));
    for (const StatePlane& plane : layout_.planes) {
      std::memcpy(page(plane, index), source, static_cast<size_t>(plane.page_bytes));
      source += plane.page_bytes;
    }
  }

 private:
  std::byte* page(const StatePlane& plane, uint32_t index) const {
    return block_->data + plane.offset + static_cast<uint64_t>(plane.page_bytes) * index;
  }
  void check_page(uint32_t index) const {
    if (index >= static_cast<uint64_t>(layout_.n_pages))
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "page " + std::to_string(index) +
                                                      " lies outside a store of " +
                                                      std::to_string(layout_.n_pages));
  }
  size_t slot_bytes(uint32_t slot) const {
    if (layout_.paged)
      throw StatusError(SIROCCO_UNSUPPORTED, "paged states have no snapshots; copy their pages");
    check_page(slot);
    return static_cast<size_t>(page_bytes());
  }
  Tensor tensor(const StatePlane& plane) const {
    Tensor tensor{block_->data + plane.offset, plane.dtype, 2};
    tensor.dims[0] = layout_.n_pages * layout_.page_tokens;
    tensor.dims[1] = plane.width;
    tensor.elements = tensor.dims[0] * plane.width;
    tensor.bytes = plane.page_bytes * layout_.n_pages;
    return tensor;
  }

  DeviceMemory& memory_;
  StateLayout layout_;
  DeviceMemory::Block* block_;
  std::map<uint64_t, std::vector<std::byte>> snapshots_;
};

}  // namespace sirocco::sdk
