#pragma once

#include <cstdint>
#include <vector>

namespace sirocco {

/// The free pages of one state group. Allocates no memory after construction.
class PagePool {
 public:
  explicit PagePool(uint64_t n_pages) {
    free_.reserve(n_pages);
    for (uint64_t page = n_pages; page-- > 0;) free_.push_back(static_cast<int32_t>(page));
  }
  size_t available() const noexcept { return free_.size(); }
  /// There must be one available.
  int32_t take() noexcept {
    const int32_t page = free_.back();
    free_.pop_back();
    return page;
  }
  void give_back(int32_t page) noexcept { free_.push_back(page); }

 private:
  std::vector<int32_t> free_;
};

}  // namespace sirocco
