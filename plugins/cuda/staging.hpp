#pragma once
// Pinned memory of the host through which bytes travel to a device, so that a copy runs while the
// host fills the next block.

#include <cstddef>
#include <cstdint>
#include <vector>

#include <cuda_runtime.h>

namespace sirocco::cuda {

/// A ring of blocks. Blocks are allocated when they are first used.
class Staging {
 public:
  Staging(size_t n_blocks, size_t block_bytes) : blocks_(n_blocks), block_bytes_(block_bytes) {}
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  /// Waits for copies that are under way.
  ~Staging();

  /// Queues the copy of `bytes` on the stream, in order with its other work, and returns when
  /// `source` may be used again. Waits only where every block is still being copied from. Throws
  /// StatusError.
  void write(cudaStream_t stream, void* target, const void* source, size_t bytes);

 private:
  struct Block {
    std::byte* memory = nullptr;
    cudaEvent_t copied = nullptr;
    bool pending = false;
  };
  /// The next block, free to be filled.
  Block& next();

  std::vector<Block> blocks_;
  size_t block_bytes_;
  size_t at_ = 0;
};

}  // namespace sirocco::cuda
