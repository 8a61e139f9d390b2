#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "exec/executor.hpp"

namespace sirocco {

/// What of a step's time was spent in kernels: for each node that has times, the time of the thread
/// that was longest in it. The rest of the step's wall time is overhead: barriers, dispatch, copies
/// between devices and the step's description.
class KernelTime {
 public:
  explicit KernelTime(size_t n_nodes) : slowest_ns_(n_nodes), threads_(n_nodes) {}

  /// Takes the place of what was read before. A node may have several records of one thread, which
  /// add up.
  void read(std::span<const NodeTime> times);
  /// By node; 0 for one without a record.
  std::span<const uint64_t> slowest_ns() const { return slowest_ns_; }
  uint64_t total_ns() const;

 private:
  std::vector<uint64_t> slowest_ns_;
  std::vector<std::vector<uint64_t>> threads_;  ///< of each node, the sum of each thread
};

}  // namespace sirocco
