#pragma once
// Where things with known lifetimes lie in one block of memory. Depends on the standard library
// only, so that the host plans its arenas with it too.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <vector>

namespace sirocco::sdk {

/// Memory that is needed from time `first` to time `last`, both included. Times are any ascending
/// numbers, such as the indices of nodes.
struct ArenaItem {
  uint64_t bytes = 0;
  uint32_t first = 0;
  uint32_t last = 0;
  uint64_t offset = 0;  ///< the answer of `plan_arena`
};

namespace detail {

inline uint64_t aligned_size(uint64_t bytes, uint64_t alignment) {
  if (bytes > std::numeric_limits<uint64_t>::max() - alignment)
    throw std::length_error("an arena's size overflows 64 bits");
  return (bytes + alignment - 1) / alignment * alignment;
}

inline bool live_together(const ArenaItem& a, const ArenaItem& b) {
  return a.first <= b.last && b.first <= a.last;
}

/// The offset of the smallest gap that takes `bytes` between the items of `placed` (ascending by
/// offset) that live when `item` does; behind them all where no gap does.
inline uint64_t best_fit(const ArenaItem& item, uint64_t bytes, uint64_t alignment,
                         const std::vector<const ArenaItem*>& placed) {
  uint64_t end = 0, best = 0, best_gap = std::numeric_limits<uint64_t>::max();
  for (const ArenaItem* other : placed) {
    if (!live_together(item, *other)) continue;
    if (other->offset > end) {
      const uint64_t gap = other->offset - end;
      if (gap >= bytes && gap < best_gap) {
        best = end;
        best_gap = gap;
      }
    }
    end = std::max(end, other->offset + aligned_size(other->bytes, alignment));
  }
  return best_gap == std::numeric_limits<uint64_t>::max() ? end : best;
}

}  // namespace detail

/// Gives every item an offset, a multiple of `alignment`, such that items which live at the same
/// time do not overlap, and returns the size of the whole, a multiple of `alignment` too. The
/// largest items are placed first, each into the tightest gap. The same items give the same answer.
/// Throws std::invalid_argument for an item that ends before it begins or an alignment of 0,
/// std::length_error where 64 bits overflow.
inline uint64_t plan_arena(std::span<ArenaItem> items, uint64_t alignment) {
  if (alignment == 0) throw std::invalid_argument("an arena's alignment is 0");
  std::vector<size_t> order(items.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return items[a].bytes > items[b].bytes; });
  std::vector<const ArenaItem*> placed;
  placed.reserve(items.size());
  uint64_t total = 0;
  for (const size_t index : order) {
    ArenaItem& item = items[index];
    if (item.first > item.last)
      throw std::invalid_argument("an arena's item ends before it begins");
    const uint64_t bytes = detail::aligned_size(item.bytes, alignment);
    item.offset = bytes ? detail::best_fit(item, bytes, alignment, placed) : 0;
    if (bytes == 0) continue;
    if (item.offset > std::numeric_limits<uint64_t>::max() - bytes)
      throw std::length_error("an arena's size overflows 64 bits");
    total = std::max(total, item.offset + bytes);
    const auto behind = std::upper_bound(
        placed.begin(), placed.end(), item.offset,
        [](uint64_t offset, const ArenaItem* other) { return offset < other->offset; });
    placed.insert(behind, &item);
  }
  return total;
}

}  // namespace sirocco::sdk
