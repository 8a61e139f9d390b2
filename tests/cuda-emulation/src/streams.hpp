#pragma once
// Work waits in its stream until something needs it done.

#include <deque>
#include <functional>
#include <vector>

#include <cuda_emulation/launch.hpp>

/// A stream's work, oldest first.
struct CUstream_st {
  int device = 0;
  std::deque<std::function<void()>> work;
  bool capturing = false;
  std::vector<std::function<void()>> captured;
};

namespace cuda_emulation {

/// Adds work to the stream, or to the graph that it captures.
cudaError_t add(cudaStream_t stream, std::function<void()> work);
/// Does all work of the stream, and meanwhile, as the seed has it, some of other streams.
void drain(cudaStream_t stream);
void drain_all();

}  // namespace cuda_emulation
