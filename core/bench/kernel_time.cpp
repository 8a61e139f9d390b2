#include "bench/kernel_time.hpp"

#include <algorithm>
#include <numeric>

namespace sirocco {

void KernelTime::read(std::span<const NodeTime> times) {
  std::ranges::fill(slowest_ns_, 0);
  for (const NodeTime& time : times) std::ranges::fill(threads_[time.node], 0);
  for (const NodeTime& time : times) {
    std::vector<uint64_t>& threads = threads_[time.node];
    if (threads.size() <= time.thread) threads.resize(time.thread + size_t{1});
    threads[time.thread] += time.end_ns - time.begin_ns;
    slowest_ns_[time.node] = std::max(slowest_ns_[time.node], threads[time.thread]);
  }
}

uint64_t KernelTime::total_ns() const {
  return std::accumulate(slowest_ns_.begin(), slowest_ns_.end(), uint64_t{0});
}

}  // namespace sirocco
