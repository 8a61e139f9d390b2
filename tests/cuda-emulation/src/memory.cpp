#include "memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <new>
#include <string>
#include <unordered_map>

#include <cuda_emulation/control.hpp>
#include <cuda_emulation/shared.hpp>

#include "copies.hpp"
#include "state.hpp"

namespace cuda_emulation {
namespace {

constexpr uint64_t kArena = uint64_t{16} << 30;
constexpr uint64_t kShared = uint64_t{1} << 20;
constexpr uint64_t kMostShared = 227 << 10;  // of a block of sm_90, CUDA C++ Programming Guide
constexpr uint64_t kRedzone = 256;
constexpr uint64_t kAlignment = 256;
constexpr uint64_t kSector = 32;
constexpr uint64_t kUnit = 2;  // bytes that one access record stands for

enum State : uint8_t { kOutside = 0, kUnwritten = 1, kWritten = 2, kFreed = 3 };

/// Who touched two bytes: enough to tell whether something lies between two accesses.
struct Access {
  uint32_t block = 0;  ///< serial number of the block, 0: nobody
  uint16_t thread = 0;
  uint16_t atomic = 0;
  uint32_t block_epoch = 0;
  uint32_t warp_epoch = 0;
};
struct Touch {
  Access writer, reader, other_reader;
};

template <class T>
T* reserve(uint64_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<T*>(memory);
}

struct Allocation {
  uint64_t bytes;
  uint64_t generation;
  int device;
};

struct Memory {
  uint8_t* base = reserve<uint8_t>(kArena);
  uint8_t* states = reserve<uint8_t>(kArena);
  Touch* touches = reserve<Touch>(kArena / kUnit * sizeof(Touch));
  uint32_t* read_sectors = reserve<uint32_t>(kArena / kSector * sizeof(uint32_t));
  uint32_t* written_sectors = reserve<uint32_t>(kArena / kSector * sizeof(uint32_t));
  uint64_t next = kShared;
  std::map<int, uint64_t> in_use;  ///< by device
  uint64_t generations = 0;
  std::map<uint64_t, Allocation> live;               ///< by offset
  std::multimap<uint64_t, uint64_t> spare;           ///< freed, by size: offset
  std::unordered_map<const void*, uint64_t> shared;  ///< arrays of the running block: offset
  uint64_t shared_end = 0;
  bool checks = true;
  bool counts = false;
  Traffic traffic;

  Memory() {
    const char* checks_wanted = std::getenv("CUDA_EMULATION_CHECKS");
    checks = !checks_wanted || std::string(checks_wanted) != "off";
    counts = std::getenv("CUDA_EMULATION_COUNT") != nullptr;
  }
  /// At the end of the process.
  ~Memory() {
    const char* name = std::getenv("CUDA_EMULATION_COUNT");
    std::FILE* file = name ? std::fopen(name, "w") : nullptr;
    if (!file) return;
    std::fprintf(file,
                 "{\"launches\": %llu, \"loaded\": %llu, \"stored\": %llu, "
                 "\"read_sectors\": %llu, \"written_sectors\": %llu}\n",
                 static_cast<unsigned long long>(launches()),
                 static_cast<unsigned long long>(traffic.loaded),
                 static_cast<unsigned long long>(traffic.stored),
                 static_cast<unsigned long long>(traffic.read_sectors),
                 static_cast<unsigned long long>(traffic.written_sectors));
    std::fclose(file);
  }
};

Memory& memory() {
  static Memory the_memory;
  return the_memory;
}

/// The allocation that holds the offset, or live.end().
auto find(const Memory& m, uint64_t offset) {
  auto found = m.live.upper_bound(offset);
  if (found == m.live.begin()) return m.live.end();
  --found;
  return offset - found->first < found->second.bytes ? found : m.live.end();
}

std::string describe(const Memory& m, uint64_t offset) {
  if (offset < kShared) return "shared memory, byte " + std::to_string(offset);
  const auto found = find(m, offset);
  if (found == m.live.end()) return "device memory outside every allocation";
  return "byte " + std::to_string(offset - found->first) + " of an allocation of " +
         std::to_string(found->second.bytes) + " bytes";
}

void fault(const Memory& m, const char* kind, uint64_t offset, size_t bytes, bool write) {
  report(kind, std::string(write ? "a store of " : "a load of ") + std::to_string(bytes) +
                   " bytes at " + describe(m, offset));
}

void check_states(const Memory& m, uint64_t offset, size_t bytes, bool write) {
  for (size_t i = 0; i < bytes; ++i) {
    const uint8_t state = m.states[offset + i];
    if (state == kOutside) return fault(m, "out of bounds", offset + i, bytes, write);
    if (state == kFreed) return fault(m, "use after free", offset + i, bytes, write);
    if (!write && state == kUnwritten) return fault(m, "uninitialised", offset + i, bytes, write);
  }
  if (write) std::memset(m.states + offset, kWritten, bytes);
}

/// Whether nothing lies between an access before and `now`, both of the running launch. (Shared
/// memory is another one in every block.)
bool unordered(const Access& before, const Access& now, bool shared) {
  if (before.block < running.first_block || before.block == 0) return false;
  if (before.atomic && now.atomic) return false;
  if (before.block != now.block) return !shared;
  if (before.thread == now.thread || before.block_epoch != now.block_epoch) return false;
  return before.thread / 32 != now.thread / 32 || before.warp_epoch == now.warp_epoch;
}

void race(const Memory& m, uint64_t offset, const Access& before, bool before_wrote,
          const Access& now, bool writes) {
  std::string text = describe(m, offset) + (before_wrote ? " was written by " : " was read by ");
  text += describe_thread(before.thread);
  if (before.block != now.block) text += " of another block";
  text += std::string(" and is ") + (writes ? "written" : "read") + " by " +
          describe_thread(now.thread) + " with nothing between";
  report("race", text);
}

void check_races(Memory& m, uint64_t offset, size_t bytes, bool write, const Access& now) {
  const bool shared = offset < kShared;
  for (uint64_t unit = offset / kUnit; unit <= (offset + bytes - 1) / kUnit; ++unit) {
    Touch& touch = m.touches[unit];
    if (unordered(touch.writer, now, shared))
      return race(m, offset, touch.writer, true, now, write);
    if (write) {
      if (unordered(touch.reader, now, shared))
        return race(m, offset, touch.reader, false, now, write);
      if (unordered(touch.other_reader, now, shared))
        return race(m, offset, touch.other_reader, false, now, write);
      touch.writer = now;
    } else if (!unordered(touch.reader, now, shared)) {
      // Two readers are kept: whoever writes next is ordered with one of them at most.
      touch.reader = now;
    } else {
      touch.other_reader = now;
    }
  }
}

void count(Memory& m, uint64_t offset, size_t bytes, bool write) {
  (write ? m.traffic.stored : m.traffic.loaded) += bytes;
  uint32_t* seen = write ? m.written_sectors : m.read_sectors;
  const auto launch = static_cast<uint32_t>(running.first_block);
  for (uint64_t s = offset / kSector; s <= (offset + bytes - 1) / kSector; ++s) {
    if (seen[s] == launch) continue;
    seen[s] = launch;
    ++(write ? m.traffic.written_sectors : m.traffic.read_sectors);
  }
}

}  // namespace

void note_access(const volatile void* address, size_t bytes, bool write, bool atomic) {
  if (!running.active || bytes == 0) return;
  Memory& m = memory();
  const uint64_t offset = reinterpret_cast<uint64_t>(address) - reinterpret_cast<uint64_t>(m.base);
  if (offset >= kArena) return;
  if (m.counts && offset >= kShared) count(m, offset, bytes, write);
  if (!m.checks) return;
  check_states(m, offset, bytes, write);
  const auto thread = static_cast<uint16_t>(place.thread.x);
  check_races(m, offset, bytes, write,
              {static_cast<uint32_t>(running.block), thread, atomic, running.block_epoch,
               running.warp_epochs[thread / 32]});
}

void* shared_memory(const void* key, size_t bytes) {
  Memory& m = memory();
  const auto [found, made] = m.shared.try_emplace(key, m.shared_end);
  if (made) {
    const uint64_t size = (bytes + 15) / 16 * 16;
    if (m.shared_end + size > kMostShared)
      report("shared memory", "the block asks for more shared memory than a block can have",
             cudaErrorInvalidConfiguration);
    else
      std::memset(m.states + m.shared_end, kUnwritten, bytes);
    m.shared_end = std::min(m.shared_end + size + kRedzone, kShared - kMostShared);
  }
  return m.base + found->second;
}

void begin_block_memory() {
  Memory& m = memory();
  std::memset(m.states, kOutside, m.shared_end);
  // What is uninitialised on a device is not zero.
  std::memset(m.base, 0xff, m.shared_end);
  m.shared.clear();
  m.shared_end = 0;
}

void* allocate(size_t bytes, int device) {
  Memory& m = memory();
  const uint64_t size = (bytes + kAlignment - 1) / kAlignment * kAlignment + kRedzone;
  uint64_t offset = m.next;
  // What was freed last is given out first: stale addresses meet new content soonest.
  const auto [first, end] = m.spare.equal_range(size);
  if (first != end) {
    const auto last = std::prev(end);
    offset = last->second;
    m.spare.erase(last);
  } else {
    if (size > kArena - m.next) return nullptr;
    m.next += size;
  }
  m.live[offset] = {bytes, ++m.generations, device};
  m.in_use[device] += bytes;
  std::memset(m.states + offset, kUnwritten, bytes);
  return m.base + offset;
}

bool release(void* pointer) {
  Memory& m = memory();
  const auto found = m.live.find(static_cast<uint64_t>(static_cast<uint8_t*>(pointer) - m.base));
  if (found == m.live.end()) return false;
  const auto [offset, allocation] = *found;
  std::memset(m.states + offset, kFreed, allocation.bytes);
  m.in_use[allocation.device] -= allocation.bytes;
  m.spare.emplace((allocation.bytes + kAlignment - 1) / kAlignment * kAlignment + kRedzone, offset);
  m.live.erase(found);
  return true;
}

size_t bytes_in_use(int device) {
  return memory().in_use[device];
}
size_t live_device_allocations() {
  return memory().live.size();
}

bool is_device(const void* pointer) {
  const uint64_t offset =
      reinterpret_cast<uint64_t>(pointer) - reinterpret_cast<uint64_t>(memory().base);
  return offset < kArena;
}

uint64_t generation_of(uint64_t address) {
  const Memory& m = memory();
  const uint64_t offset = address - reinterpret_cast<uint64_t>(m.base);
  if (offset >= kArena) return 0;
  const auto found = find(m, offset);
  return found == m.live.end() ? 0 : found->second.generation;
}

int device_of(uint64_t address) {
  const Memory& m = memory();
  const uint64_t offset = address - reinterpret_cast<uint64_t>(m.base);
  if (offset >= kArena) return -1;
  const auto found = find(m, offset);
  return found == m.live.end() ? -1 : found->second.device;
}

bool inside_allocation(const void* pointer, size_t bytes) {
  const Memory& m = memory();
  const uint64_t offset = reinterpret_cast<uint64_t>(pointer) - reinterpret_cast<uint64_t>(m.base);
  const auto found = find(m, offset);
  return found != m.live.end() && bytes <= found->second.bytes - (offset - found->first);
}

void mark_written(void* pointer, size_t bytes) {
  Memory& m = memory();
  std::memset(m.states + (static_cast<uint8_t*>(pointer) - m.base), kWritten, bytes);
}

void mark_unwritten(void* pointer, size_t bytes) {
  Memory& m = memory();
  std::memset(m.states + (static_cast<uint8_t*>(pointer) - m.base), kUnwritten, bytes);
}

bool was_written(const void* pointer, size_t bytes) {
  const Memory& m = memory();
  const uint8_t* states = m.states + (static_cast<const uint8_t*>(pointer) - m.base);
  return !m.checks ||
         std::all_of(states, states + bytes, [](uint8_t state) { return state == kWritten; });
}

void forget_written(void* pointer, size_t bytes) {
  Memory& m = memory();
  const auto offset = static_cast<uint64_t>(static_cast<uint8_t*>(pointer) - m.base);
  if (offset >= kShared) return report("copy", "an asynchronous copy goes to no shared memory");
  for (size_t i = 0; i < bytes; ++i)
    if (m.states[offset + i] == kWritten) m.states[offset + i] = kUnwritten;
}

Traffic traffic() {
  return memory().traffic;
}
void count_traffic(bool wanted) {
  memory().counts = wanted;
  memory().traffic = {};
}

}  // namespace cuda_emulation
