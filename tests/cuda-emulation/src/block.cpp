// The threads of a block as fibers: each runs until it has to wait for others.

#include "block.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <exception>
#include <new>
#include <numeric>
#include <string>
#include <vector>

#include <boost/context/fiber.hpp>

#include "copies.hpp"
#include "memory.hpp"
#include "state.hpp"

namespace cuda_emulation {

thread_local Place place;
Running running;

namespace {

using boost::context::fiber;

constexpr unsigned kMostThreads = 1024;
constexpr size_t kStackBytes = 64 << 10;

/// Thrown through the threads of a block that cannot go on.
struct Abandoned {};

/// Stacks are kept from launch to launch.
class Stacks {
 public:
  boost::context::stack_context operator[](unsigned thread) {
    while (stacks_.size() <= thread) {
      void* memory = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (memory == MAP_FAILED) throw std::bad_alloc();
      boost::context::stack_context stack;
      stack.size = kStackBytes;
      stack.sp = static_cast<char*>(memory) + kStackBytes;
      stacks_.push_back(stack);
    }
    return stacks_[thread];
  }

 private:
  std::vector<boost::context::stack_context> stacks_;
};

/// For boost: the stacks are not its to give back.
struct KeptStack {
  boost::context::stack_context allocate() { return {}; }
  void deallocate(boost::context::stack_context&) {}
};

struct Thread {
  fiber own;
  Meeting waits_at = Meeting::none;
  bool done = false;
};

/// Lanes that meet: those of `mask`, of whom some have arrived.
struct Gathering {
  uint32_t mask = 0;
  uint32_t arrived = 0;
  Meeting meeting = Meeting::none;
  size_t slot = 0;
};

struct Warp {
  /// What lanes gave at the last meetings. A lane reads its own before it can miss so many others.
  static constexpr size_t kSlots = 16;
  uint64_t given[kSlots][32] = {};
  size_t next_slot = 0;
  std::vector<Gathering> gatherings;  ///< of disjoint masks
};

class Block {
 public:
  Block(const Launch& launch, dim3 index, Stacks& stacks)
      : launch_(launch), threads_(launch.block.x), warps_((launch.block.x + 31) / 32) {
    place = {dim3(0, 0, 0), index, launch.block, launch.grid};
    for (unsigned t = 0; t < threads_.size(); ++t) {
      const auto stack = stacks[t];
      threads_[t].own = fiber(
          std::allocator_arg, boost::context::preallocated(stack.sp, stack.size, stack),
          KeptStack{}, [this, t](fiber&& scheduler) { return body(t, std::move(scheduler)); });
    }
  }

  void run();

  const uint64_t* exchange(Meeting meeting, uint32_t mask, uint64_t mine);
  void block_barrier();

 private:
  fiber body(unsigned t, fiber&& scheduler) {
    scheduler_ = std::move(scheduler);
    try {
      if (!abandoned_) launch_.body();
    } catch (const Abandoned&) {
    }
    threads_[t].done = true;
    return std::move(scheduler_);
  }

  void wait(const Thread& thread) {
    while (thread.waits_at != Meeting::none) {
      scheduler_ = std::move(scheduler_).resume();
      if (abandoned_) throw Abandoned{};
    }
  }
  void resume(unsigned t) {
    place.thread = dim3(t, 0, 0);
    threads_[t].own = std::move(threads_[t].own).resume();
  }
  void abandon(const std::string& why);

  const Launch& launch_;
  std::vector<Thread> threads_;
  std::vector<Warp> warps_;
  fiber scheduler_;
  unsigned at_barrier_ = 0;
  bool abandoned_ = false;
};

Block* block = nullptr;

const char* name_of(Meeting meeting) {
  switch (meeting) {
    case Meeting::block_barrier:
      return "__syncthreads";
    case Meeting::warp_barrier:
      return "__syncwarp";
    case Meeting::shuffle:
      return "a shuffle";
    case Meeting::vote:
      return "a vote";
    case Meeting::matrix:
      return "an instruction on matrices";
    default:
      return "nothing";
  }
}

void Block::abandon(const std::string& why) {
  if (!abandoned_) report("divergence", why, cudaErrorLaunchFailure);
  abandoned_ = true;
}

void Block::block_barrier() {
  Thread& thread = threads_[place.thread.x];
  thread.waits_at = Meeting::block_barrier;
  if (++at_barrier_ == threads_.size()) {
    at_barrier_ = 0;
    ++running.block_epoch;
    for (Thread& other : threads_) other.waits_at = Meeting::none;
  }
  wait(thread);
}

const uint64_t* Block::exchange(Meeting meeting, uint32_t mask, uint64_t mine) {
  const unsigned t = place.thread.x, lane = t % 32;
  Warp& warp = warps_[t / 32];
  const auto refuse = [&](const std::string& why) {
    abandon(describe_thread(t) + " is at " + name_of(meeting) + why);
    throw Abandoned{};
  };
  if (!(mask >> lane & 1)) refuse(", but not in its own mask");
  auto found = std::ranges::find_if(warp.gatherings,
                                    [&](const Gathering& g) { return (g.mask & mask) != 0; });
  if (found == warp.gatherings.end()) {
    warp.gatherings.push_back({mask, 0, meeting, warp.next_slot++ % Warp::kSlots});
    found = warp.gatherings.end() - 1;
  }
  if (found->mask != mask) refuse(", others of its mask are there with another mask");
  if (found->meeting != meeting)
    refuse(std::string(", others of its mask at ") + name_of(found->meeting));
  const size_t slot = found->slot;
  warp.given[slot][lane] = mine;
  found->arrived |= 1u << lane;
  threads_[t].waits_at = meeting;
  if (found->arrived == mask) {
    warp.gatherings.erase(found);
    if (meeting == Meeting::warp_barrier) ++running.warp_epochs[t / 32];
    for (unsigned other = 0; other < 32; ++other)
      if (mask >> other & 1) threads_[t / 32 * 32 + other].waits_at = Meeting::none;
  }
  wait(threads_[t]);
  return warp.given[slot];
}

void Block::run() {
  std::vector<unsigned> order(threads_.size());
  std::iota(order.begin(), order.end(), 0u);
  block = this;
  running.block_epoch = 0;
  std::fill(std::begin(running.warp_epochs), std::end(running.warp_epochs), 0);
  for (size_t left = threads_.size(); left;) {
    std::shuffle(order.begin(), order.end(), the_order());
    bool moved = false;
    for (const unsigned t : order) {
      if (threads_[t].done) continue;
      if (!abandoned_ && threads_[t].waits_at != Meeting::none) continue;
      resume(t);
      moved = true;
      if (threads_[t].done) --left;
    }
    if (moved || abandoned_) continue;
    // Nobody can go on: the first that waits says for what.
    const auto waiting = std::ranges::find_if(threads_, [](const Thread& thread) {
      return !thread.done && thread.waits_at != Meeting::none;
    });
    const auto t = static_cast<unsigned>(waiting - threads_.begin());
    abandon(describe_thread(t) + " waits at " + name_of(waiting->waits_at) + " for ever: " +
            std::to_string(threads_.size() - left) + " threads of its block have ended");
  }
  block = nullptr;
}

}  // namespace

std::string describe_thread(unsigned thread) {
  return "thread " + std::to_string(thread);
}

const uint64_t* exchange(Meeting meeting, uint32_t mask, uint64_t mine) {
  return block->exchange(meeting, mask, mine);
}
void block_barrier() {
  block->block_barrier();
}

void run_launch(const Launch& launch) {
  static Stacks stacks;
  static uint64_t serial = 0;
  const uint64_t n = uint64_t{launch.grid.x} * launch.grid.y * launch.grid.z;
  std::vector<uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  std::shuffle(order.begin(), order.end(), the_order());
  running.kernel = launch.kernel;
  running.first_block = serial + 1;
  for (const uint32_t index : order) {
    if (lost() != cudaSuccess) break;
    const dim3 place_of(index % launch.grid.x, index / launch.grid.x % launch.grid.y,
                        index / launch.grid.x / launch.grid.y);
    running.block = ++serial;
    begin_block_memory();
    forget_copies(launch.block.x);
    Block current(launch, place_of, stacks);
    running.active = true;
    current.run();
    running.active = false;
  }
  serial = std::max(serial, running.first_block);
}

}  // namespace cuda_emulation
