#pragma once
// What a device's memory was asked for, counted where it is taken and given back.

#include <algorithm>
#include <cstdint>

#include <sirocco/abi/backend.h>

namespace sirocco::sdk {

class MemoryCount {
 public:
  void take(uint64_t bytes) {
    bytes_ += bytes;
    peak_ = std::max(peak_, bytes_);
  }
  void give_back(uint64_t bytes) { bytes_ -= bytes; }

  sirocco_memory_use use() const { return {sizeof(sirocco_memory_use), bytes_, peak_}; }

 private:
  uint64_t bytes_ = 0;
  uint64_t peak_ = 0;
};

}  // namespace sirocco::sdk
