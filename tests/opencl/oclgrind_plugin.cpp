// An Oclgrind plugin that counts what each launch of a kernel reads from global memory. It appends
// a line a launch, in order, to the file that SIROCCO_TRAFFIC names:
//
//     <32-byte sectors read at least once> <bytes loaded> <work-groups>

#include <atomic>
#include <bit>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include <oclgrind/Context.h>
#include <oclgrind/KernelInvocation.h>
#include <oclgrind/Memory.h>
#include <oclgrind/Plugin.h>

namespace {

constexpr size_t kSectorBytes = 32;

/// A bit a sector of one buffer. Set by several threads.
class Sectors {
 public:
  explicit Sectors(size_t bytes) : words_(bytes / kSectorBytes / 64 + 1) {}

  void mark(size_t offset, size_t bytes) {
    for (size_t i = offset / kSectorBytes; i <= (offset + bytes - 1) / kSectorBytes; ++i) {
      const uint64_t bit = uint64_t{1} << i % 64;
      std::atomic<uint64_t>& word = words_[i / 64];
      if (!(word.load(std::memory_order_relaxed) & bit))
        word.fetch_or(bit, std::memory_order_relaxed);
    }
  }
  /// How many there are; none are marked afterwards.
  uint64_t take() {
    uint64_t n = 0;
    for (std::atomic<uint64_t>& word : words_)
      n += static_cast<uint64_t>(std::popcount(word.exchange(0, std::memory_order_relaxed)));
    return n;
  }

 private:
  std::vector<std::atomic<uint64_t>> words_;
};

class Traffic : public oclgrind::Plugin {
 public:
  Traffic(const oclgrind::Context* context, const char* file)
      : Plugin(context), lines_(file, std::ios::app) {}

  void memoryAllocated(const oclgrind::Memory* memory, size_t address, size_t size, cl_mem_flags,
                       const uint8_t*) override {
    if (is_global(memory))
      sectors_[memory->extractBuffer(address)] = std::make_unique<Sectors>(size);
  }
  void memoryDeallocated(const oclgrind::Memory* memory, size_t address) override {
    if (is_global(memory)) sectors_.erase(memory->extractBuffer(address));
  }
  void memoryLoad(const oclgrind::Memory* memory, const oclgrind::WorkItem*, size_t address,
                  size_t size) override {
    load(memory, address, size);
  }
  void memoryLoad(const oclgrind::Memory* memory, const oclgrind::WorkGroup*, size_t address,
                  size_t size) override {
    load(memory, address, size);
  }
  void kernelEnd(const oclgrind::KernelInvocation* kernel) override {
    uint64_t read = 0;
    for (auto& [buffer, sectors] : sectors_) read += sectors->take();
    const oclgrind::Size3 groups = kernel->getNumGroups();
    lines_ << read << ' ' << loaded_.exchange(0) << ' ' << groups.x * groups.y * groups.z
           << std::endl;
  }

 private:
  static bool is_global(const oclgrind::Memory* memory) {
    return memory->getAddressSpace() == oclgrind::AddrSpaceGlobal;
  }
  /// Only launches load so: the host's reads are hostMemoryLoad. Buffers do not come and go
  /// meanwhile.
  void load(const oclgrind::Memory* memory, size_t address, size_t size) {
    if (!is_global(memory)) return;
    loaded_.fetch_add(size, std::memory_order_relaxed);
    const auto found = sectors_.find(memory->extractBuffer(address));
    if (found != sectors_.end() && memory->isAddressValid(address, size))
      found->second->mark(memory->extractOffset(address), size);
  }

  std::ofstream lines_;
  std::unordered_map<size_t, std::unique_ptr<Sectors>> sectors_;  ///< by buffer
  std::atomic<uint64_t> loaded_{0};
};

/// Oclgrind loads its plugins anew for each context.
std::map<const oclgrind::Context*, Traffic> counters;

}  // namespace

extern "C" [[gnu::visibility("default")]] void initializePlugins(oclgrind::Context* context) {
  const char* file = std::getenv("SIROCCO_TRAFFIC");
  if (file) context->registerPlugin(&counters.try_emplace(context, context, file).first->second);
}

extern "C" [[gnu::visibility("default")]] void releasePlugins(oclgrind::Context* context) {
  const auto found = counters.find(context);
  if (found == counters.end()) return;
  context->unregisterPlugin(&found->second);
  counters.erase(found);
}
