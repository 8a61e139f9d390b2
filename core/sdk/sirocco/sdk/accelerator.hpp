#pragma once
// A device with memory of its own: what its plugin must be able to do with it, and the buffers in
// that memory as the host knows them.

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include <sirocco/abi/backend.h>
#include <sirocco/sdk/memory_count.hpp>
#include <sirocco/sdk/plugin.hpp>

namespace sirocco::sdk {

/// A place in a device's memory: what the driver gave for an allocation, and bytes from there.
struct DeviceAddress {
  void* allocation = nullptr;
  uint64_t offset = 0;

  DeviceAddress operator+(uint64_t bytes) const { return {allocation, offset + bytes}; }
  bool operator==(const DeviceAddress&) const = default;
};

/// One device. Its work is done in the order of the calls, whatever of it is queued. Everything
/// throws StatusError: SIROCCO_OUT_OF_MEMORY leaves all as it was, SIROCCO_DEVICE_LOST says that no
/// later call will work.
class Accelerator {
 public:
  virtual ~Accelerator() = default;
  /// Strings live as long as the device. `alignment` holds for offsets in an allocation.
  virtual sirocco_device_info info() const = 0;

  /// `kind` is SIROCCO_MEMORY_*; states are SIROCCO_MEMORY_ARENA. The content is undefined.
  virtual void* allocate(uint64_t bytes, uint32_t kind) = 0;
  virtual void release(void* allocation) noexcept = 0;
  /// Returns when `source` may be used again.
  virtual void write(DeviceAddress target, const void* source, uint64_t bytes) = 0;
  /// Returns when the bytes are there, and so reports what went wrong with queued work before.
  virtual void read(DeviceAddress source, void* target, uint64_t bytes) = 0;
  virtual void copy(DeviceAddress source, DeviceAddress target, uint64_t bytes) = 0;
};

/// The buffers of one device.
class AcceleratorMemory {
 public:
  struct Block {
    void* allocation = nullptr;
    uint64_t bytes = 0;
  };

  explicit AcceleratorMemory(Accelerator& device) : device_(device) {}
  AcceleratorMemory(const AcceleratorMemory&) = delete;
  AcceleratorMemory& operator=(const AcceleratorMemory&) = delete;
  ~AcceleratorMemory() {
    for (auto& [key, block] : blocks_) device_.release(block->allocation);
  }

  /// Throws StatusError(SIROCCO_OUT_OF_MEMORY).
  Block* create(uint64_t bytes, uint32_t kind = SIROCCO_MEMORY_ARENA) {
    auto block = std::make_unique<Block>(Block{nullptr, bytes});
    Block* key = block.get();
    blocks_.emplace(key, std::move(block));
    try {
      key->allocation = device_.allocate(bytes ? bytes : 1, kind);
    } catch (...) {
      blocks_.erase(key);
      throw;
    }
    count_.take(bytes);
    return key;
  }

  void destroy(const void* key) {
    const auto found = blocks_.find(key);
    if (found == blocks_.end()) return;
    device_.release(found->second->allocation);
    count_.give_back(found->second->bytes);
    blocks_.erase(found);
    ++releases_;
  }

  /// How many buffers were destroyed so far: as long as it stays, no address has been used again.
  uint64_t releases() const { return releases_; }

  sirocco_memory_use use() const { return count_.use(); }

  bool holds(const void* key) const { return blocks_.count(key) != 0; }

  /// Where a span that must hold `bytes` begins. Throws StatusError(SIROCCO_INVALID_ARGUMENT) for
  /// another device's buffer, or a span outside its buffer or too short.
  DeviceAddress resolve(const sirocco_span& span, uint64_t bytes) const {
    const auto found = blocks_.find(span.buffer);
    if (found == blocks_.end())
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "a span has no buffer of this device");
    const Block& block = *found->second;
    if (span.offset > block.bytes || span.size > block.bytes - span.offset)
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "a span reaches beyond its buffer");
    if (span.size < bytes)
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "a span of " + std::to_string(span.size) +
                                                      " bytes is bound where " +
                                                      std::to_string(bytes) + " are needed");
    return {block.allocation, span.offset};
  }

  /// For StatePages.
  void copy(Block* block, uint64_t from, uint64_t to, uint64_t bytes) {
    if (from != to && bytes)
      device_.copy({block->allocation, from}, {block->allocation, to}, bytes);
  }
  void read(const Block* block, uint64_t offset, void* target, uint64_t bytes) const {
    if (bytes) device_.read({block->allocation, offset}, target, bytes);
  }
  void write(Block* block, uint64_t offset, const void* source, uint64_t bytes) {
    if (bytes) device_.write({block->allocation, offset}, source, bytes);
  }

 private:
  Accelerator& device_;
  std::unordered_map<const void*, std::unique_ptr<Block>> blocks_;
  MemoryCount count_;
  uint64_t releases_ = 0;
};

}  // namespace sirocco::sdk
