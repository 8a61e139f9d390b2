#pragma once
// Steps as captured graphs: one for each size of step, replayed with nothing but the step buffer's
// content changed.

#include <cstdint>
#include <functional>
#include <map>
#include <tuple>

#include <cuda_runtime.h>

#include "device.hpp"

namespace sirocco::cuda {

class Graphs {
 public:
  /// Sizes that launches are made for: tokens, sequences, wanted rows.
  using Key = std::tuple<int64_t, int64_t, int64_t>;

  explicit Graphs(Device& device) : device_(device) {}
  Graphs(const Graphs&) = delete;
  Graphs& operator=(const Graphs&) = delete;
  ~Graphs() { clear(); }

  /// Forgets every graph: addresses in them are no longer those that are bound.
  void clear() noexcept;
  /// Queues the graph of that size, which is captured of what `queue` launches when a size comes
  /// for the second time. The first time it is launched as it is: a kernel's first launch may load
  /// its code, which must not happen in a capture. Throws StatusError.
  void run(const Key& key, const std::function<void()>& queue);

 private:
  cudaGraphExec_t capture(const std::function<void()>& queue);

  Device& device_;
  std::map<Key, cudaGraphExec_t> graphs_;  ///< NULL: came once
};

}  // namespace sirocco::cuda
