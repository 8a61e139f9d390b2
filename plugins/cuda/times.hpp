#pragma once
// When each region of a step ran on the device, by events around it.

#include <cstdint>
#include <vector>

#include <cuda_runtime.h>
#include <sirocco/abi/backend.h>

#include "device.hpp"

namespace sirocco::cuda {

class Times {
 public:
  explicit Times(Device& device) : device_(device) {}
  Times(const Times&) = delete;
  Times& operator=(const Times&) = delete;
  ~Times();

  /// A step begins: what was recorded before is gone. Waits for the device, so that its clock and
  /// the host's can be laid over each other. Throws StatusError, as everything here does.
  void begin();
  /// Work of `node` is about to be queued.
  void mark(uint32_t node);
  /// All is queued.
  void end();
  /// Waits for the step. CLOCK_MONOTONIC; at most `capacity` are written, all are counted.
  size_t read(sirocco_node_time* times, size_t capacity) const;

 private:
  cudaEvent_t event(size_t index);
  void record();

  Device& device_;
  std::vector<cudaEvent_t> events_;  ///< where each node begins, and the end
  std::vector<uint32_t> nodes_;
  uint64_t begin_ns_ = 0;  ///< the host's time of event 0
  size_t recorded_ = 0;
};

}  // namespace sirocco::cuda
