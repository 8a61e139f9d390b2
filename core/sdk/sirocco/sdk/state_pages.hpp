#pragma once
// The bytes of one state group, in a memory that copies, reads and writes by block and offset.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <sirocco/sdk/state_layout.hpp>

namespace sirocco::sdk {

/// `Memory` has a type `Block` and, beside `create` and `destroy`, the functions
///   copy(block, from, to, bytes)      within the block; the parts may be the same
///   read(block, offset, target, bytes)
///   write(block, offset, source, bytes)
template <class Memory>
class StatePages {
 public:
  StatePages(Memory& memory, const sirocco_state_group* group)
      : layout_(group), memory_(memory), block_(memory.create(layout_.bytes)) {}
  StatePages(const StatePages&) = delete;
  StatePages& operator=(const StatePages&) = delete;
  ~StatePages() { memory_.destroy(block_); }

  const StateLayout& layout() const { return layout_; }
  typename Memory::Block* block() const { return block_; }

  /// Throws StatusError(SIROCCO_INVALID_ARGUMENT) unless the store holds that very member.
  void check_member(const sirocco_state& spec) const {
    for (const sirocco_state& member : layout_.members) {
      if (member.member == spec.member && member.kind == spec.kind && member.dtype == spec.dtype &&
          member.heads == spec.heads && member.k_dim == spec.k_dim && member.v_dim == spec.v_dim &&
          member.elements == spec.elements && member.page_tokens == spec.page_tokens)
        return;
    }
    throw StatusError(SIROCCO_INVALID_ARGUMENT, "the bound state store lacks this state");
  }

  /// A plane of a member that the store holds; NULL where the member has no second one.
  const StatePlane* plane(const sirocco_state& spec, bool values) const {
    for (const StatePlane& plane : layout_.planes)
      if (plane.member == spec.member && plane.values == values) return &plane;
    return nullptr;
  }

  void copy(uint32_t from, uint32_t to, uint32_t n_tokens) {
    check_page(from);
    check_page(to);
    if (layout_.paged && n_tokens > layout_.page_tokens)
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "a page does not hold that many tokens");
    for (const StatePlane& plane : layout_.planes) {
      const int64_t entry = plane.page_bytes / layout_.page_tokens;
      const int64_t bytes = layout_.paged ? entry * n_tokens : plane.page_bytes;
      memory_.copy(block_, offset(plane, from), offset(plane, to), static_cast<uint64_t>(bytes));
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
      memory_.read(block_, offset(plane, index), target, static_cast<uint64_t>(plane.page_bytes));
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
      memory_.write(block_, offset(plane, index), source, static_cast<uint64_t>(plane.page_bytes));
      source += plane.page_bytes;
    }
  }

 private:
  static uint64_t offset(const StatePlane& plane, uint32_t index) {
    return plane.offset + static_cast<uint64_t>(plane.page_bytes) * index;
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

  StateLayout layout_;
  Memory& memory_;
  typename Memory::Block* block_;
  std::map<uint64_t, std::vector<std::byte>> snapshots_;
};

}  // namespace sirocco::sdk
