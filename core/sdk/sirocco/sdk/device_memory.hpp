#pragma once
// Buffers of a device that computes in host memory.
//
// A device that is not host-visible keeps its buffers in pages that nobody may touch outside the
// plugin's own calls: a host that uses one directly faults, as it would with a device's memory.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>

#include <sirocco/abi/backend.h>
#include <sirocco/sdk/huge_pages.hpp>
#include <sirocco/sdk/memory_count.hpp>
#include <sirocco/sdk/plugin.hpp>

namespace sirocco::sdk {

class DeviceMemory {
 public:
  static constexpr size_t kAlignment = 64;

  struct Block {
    std::byte* data = nullptr;
    uint64_t bytes = 0;
    bool imported = false;
  };

  DeviceMemory(const sirocco_host* host, bool host_visible)
      : host_(host),
        allocator_(service<sirocco_allocate_service>(host, SIROCCO_SERVICE_ALLOCATE)),
        host_visible_(host_visible) {}
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  ~DeviceMemory() {
    for (auto& [key, block] : blocks_) release(*block);
  }

  /// Throws StatusError(SIROCCO_OUT_OF_MEMORY). The content is undefined.
  Block* create(uint64_t bytes) {
    auto block = std::make_unique<Block>(Block{nullptr, bytes, false});
    Block* key = block.get();
    blocks_.emplace(key, std::move(block));
    try {
      key->data = host_visible_ ? allocate(bytes) : map_guarded(bytes);
    } catch (...) {
      blocks_.erase(key);
      throw;
    }
    count_.take(bytes);
    return key;
  }

  Block* import(const void* memory, uint64_t bytes) {
    if (!host_visible_)
      throw StatusError(SIROCCO_UNSUPPORTED, "this device does not import host memory");
    if (!memory && bytes) throw StatusError(SIROCCO_INVALID_ARGUMENT, "imported memory is NULL");
    auto* data = static_cast<std::byte*>(const_cast<void*>(memory));
    auto block = std::make_unique<Block>(Block{data, bytes, true});
    Block* key = block.get();
    blocks_.emplace(key, std::move(block));
    return key;
  }

  void destroy(const void* key) {
    const auto found = blocks_.find(key);
    if (found == blocks_.end()) return;
    release(*found->second);
    if (!found->second->imported) count_.give_back(found->second->bytes);
    blocks_.erase(found);
  }

  /// Of what was created; imported memory is its owner's.
  sirocco_memory_use use() const { return count_.use(); }

  /// The first byte of a span that must hold `bytes`. Throws StatusError(SIROCCO_INVALID_ARGUMENT)
  /// for another backend's buffer, a span outside its buffer or too short, or one that is to be
  /// written though it was imported.
  std::byte* resolve(const sirocco_span& span, uint64_t bytes, bool written) const {
    const Block& block = find(span.buffer);
    if (span.offset > block.bytes || span.size > block.bytes - span.offset)
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "a span reaches beyond its buffer");
    if (span.size < bytes)
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "a span of " + std::to_string(span.size) +
                                                      " bytes is bound where " +
                                                      std::to_string(bytes) + " are needed");
    if (written && block.imported)
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "an imported buffer is bound to be written");
    return block.data + span.offset;
  }

  /// Throws StatusError(SIROCCO_INVALID_ARGUMENT) for what is no buffer of this backend.
  const Block& find(const void* key) const {
    const auto found = blocks_.find(key);
    if (found == blocks_.end())
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "a span has no buffer of this backend");
    return *found->second;
  }

  /// For StatePages.
  static void copy(Block* block, uint64_t from, uint64_t to, uint64_t bytes) {
    std::memmove(block->data + to, block->data + from, bytes);
  }
  static void read(const Block* block, uint64_t offset, void* target, uint64_t bytes) {
    std::memcpy(target, block->data + offset, bytes);
  }
  static void write(Block* block, uint64_t offset, const void* source, uint64_t bytes) {
    std::memcpy(block->data + offset, source, bytes);
  }

  /// While one lives, guarded buffers may be used. They are not nested.
  class Access {
   public:
    explicit Access(const DeviceMemory& memory) : memory_(memory) {
      memory_.protect(PROT_READ | PROT_WRITE);
    }
    Access(const Access&) = delete;
    Access& operator=(const Access&) = delete;
    ~Access() { memory_.protect(PROT_NONE); }

   private:
    const DeviceMemory& memory_;
  };

 private:
  [[noreturn]] static void out_of_memory(uint64_t bytes) {
    throw StatusError(SIROCCO_OUT_OF_MEMORY,
                      "no memory for a buffer of " + std::to_string(bytes) + " bytes");
  }

  std::byte* allocate(uint64_t bytes) const {
    if (bytes > PTRDIFF_MAX - kHugePage) out_of_memory(bytes);
    const size_t alignment = alignment_of(bytes), size = rounded(bytes, alignment);
    void* memory = allocator_ ? allocator_->allocate(host_->ctx, size, alignment)
                              : std::aligned_alloc(alignment, size);
    if (!memory) out_of_memory(bytes);
    if (alignment == kHugePage) want_huge_pages(memory, bytes);
    return static_cast<std::byte*>(memory);
  }

  static std::byte* map_guarded(uint64_t bytes) {
    if (bytes > PTRDIFF_MAX - page_size()) out_of_memory(bytes);
    void* memory =
        mmap(nullptr, rounded(bytes, page_size()), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) out_of_memory(bytes);
    return static_cast<std::byte*>(memory);
  }

  void release(const Block& block) const {
    if (block.imported) return;
    const size_t alignment = alignment_of(block.bytes);
    const size_t size = rounded(block.bytes, host_visible_ ? alignment : page_size());
    if (!host_visible_) {
      munmap(block.data, size);
    } else if (allocator_) {
      allocator_->release(host_->ctx, block.data, size, alignment);
    } else {
      std::free(block.data);
    }
  }

  void protect(int protection) const {
    if (host_visible_) return;
    for (const auto& [key, block] : blocks_) {
      // Its only failure with memory of our own is a lack of mappings. Then the next use faults,
      // which is what this memory is for.
      (void)mprotect(block->data, rounded(block->bytes, page_size()), protection);
    }
  }

  /// Large buffers lie in huge pages: weights that are streamed, and states that are read in an
  /// order of their own.
  static size_t alignment_of(uint64_t bytes) { return bytes >= kHugePage ? kHugePage : kAlignment; }
  static size_t page_size() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }
  static size_t rounded(uint64_t bytes, size_t unit) {
    return (static_cast<size_t>(bytes) / unit + (bytes % unit || bytes == 0 ? 1 : 0)) * unit;
  }

  const sirocco_host* host_;
  const sirocco_allocate_service* allocator_;
  bool host_visible_;
  MemoryCount count_;
  std::unordered_map<const void*, std::unique_ptr<Block>> blocks_;
};

}  // namespace sirocco::sdk
