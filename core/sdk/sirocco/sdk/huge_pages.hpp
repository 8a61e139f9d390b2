#pragma once
// Memory in pages of 2 MiB: a processor that streams through it looks up one address where it would
// have looked up 512.

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

namespace sirocco::sdk {

inline constexpr size_t kHugePage = size_t{2} << 20;

/// Asks for huge pages in the whole ones among `bytes` from `memory` on, which is aligned to one.
/// Where the system will not, small pages serve as well, only slower. What does not fill a huge
/// page stays in small ones, so that no more becomes resident than is used.
inline void want_huge_pages(void* memory, uint64_t bytes) {
  const size_t whole = static_cast<size_t>(bytes) / kHugePage * kHugePage;
  if (whole) (void)madvise(memory, whole, MADV_HUGEPAGE);
}

}  // namespace sirocco::sdk
