#include "staging.hpp"

#include <algorithm>
#include <cstring>

#include "error.hpp"

namespace sirocco::cuda {

Staging::~Staging() {
  for (Block& block : blocks_) {
    if (block.pending) cudaEventSynchronize(block.copied);
    if (block.copied) cudaEventDestroy(block.copied);
    if (block.memory) cudaFreeHost(block.memory);
  }
}

Staging::Block& Staging::next() {
  Block& block = blocks_[at_];
  if (!block.memory) {
    void* memory = nullptr;
    check(cudaMallocHost(&memory, block_bytes_), "allocating pinned memory");
    block.memory = static_cast<std::byte*>(memory);
  }
  if (!block.copied)
    check(cudaEventCreateWithFlags(&block.copied, cudaEventDisableTiming), "creating an event");
  if (block.pending) {
    block.pending = false;
    check(cudaEventSynchronize(block.copied), "an earlier copy to the device");
  }
  at_ = (at_ + 1) % blocks_.size();
  return block;
}

void Staging::write(cudaStream_t stream, void* target, const void* source, size_t bytes) {
  for (size_t done = 0; done < bytes;) {
    const size_t part = std::min(block_bytes_, bytes - done);
    Block& block = next();
    std::memcpy(block.memory, static_cast<const std::byte*>(source) + done, part);
    check(cudaMemcpyAsync(static_cast<std::byte*>(target) + done, block.memory, part,
                          cudaMemcpyHostToDevice, stream),
          "the copy to the device");
    check(cudaEventRecord(block.copied, stream), "recording an event");
    block.pending = true;
    done += part;
  }
}

}  // namespace sirocco::cuda
