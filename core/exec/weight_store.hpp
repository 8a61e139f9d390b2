#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "exec/plan.hpp"

namespace sirocco {

/// A weight's bytes as they lie on file, mapped and maybe unaligned. `release` gives the pages of a
/// byte range back to the system; it may be empty.
struct WeightBytes {
  const std::byte* data = nullptr;
  uint64_t bytes = 0;
  std::function<void(uint64_t offset, uint64_t bytes)> release;
};

using FindWeight = std::function<WeightBytes(const GraphWeight&)>;
/// Bytes done and bytes in all, while weights are loaded.
using LoadProgress = std::function<void(uint64_t done, uint64_t total)>;

/// Every weight of a plan in the form its device asked for: as mapped, or packed tile by tile with
/// the source's pages given back behind it.
class WeightStore {
 public:
  WeightStore(const Plan& plan, const FindWeight& find, const LoadProgress& progress);
  /// What to bind for a weight on a device.
  sirocco_span find(size_t device, ValueId value) const;
  /// Those that the host can read, where they lie.
  std::vector<std::span<const std::byte>> host_visible() const;

 private:
  struct Held {
    size_t device;
    ValueId value;
    std::vector<std::byte> aligned;  ///< a copy, where the file's alignment does not do
    DeviceBuffer buffer;
    uint64_t bytes;
    const std::byte* host = nullptr;  ///< where the device reads them, if the host can too
  };
  Held load(const Plan& plan, const PlannedWeight& planned, const WeightBytes& source) const;
  std::vector<Held> held_;
};

}  // namespace sirocco
