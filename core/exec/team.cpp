#include "exec/team.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <sirocco/error.hpp>

#include "exec/cpu_quota.hpp"

namespace sirocco {
namespace {

/// How long a thread spins before it sleeps: longer than the gaps within a step, shorter than the
/// loss when another process has the processor.
constexpr std::chrono::microseconds kSpin{100};
constexpr uint32_t kMostThreads = 4096;

void pause_cpu() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#else
  std::this_thread::yield();
#endif
}

/// Waits until `value` is no longer `old`: spinning, then giving the processor away, then asleep.
void wait_while(const std::atomic<uint32_t>& value, uint32_t old, bool spin) {
  constexpr int kTurns = 64;  // looks at the value between two at the clock
  if (spin) {
    const auto end = std::chrono::steady_clock::now() + kSpin;
    do {
      for (int i = 0; i < kTurns; ++i) {
        if (value.load(std::memory_order_acquire) != old) return;
        pause_cpu();
      }
    } while (std::chrono::steady_clock::now() < end);
  } else {
    std::this_thread::yield();
  }
  value.wait(old, std::memory_order_acquire);
}

}  // namespace

uint32_t usable_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  uint32_t threads = std::max(1u, std::thread::hardware_concurrency());
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    threads = static_cast<uint32_t>(std::max(1, CPU_COUNT(&set)));
  const uint32_t quota = cpu_quota();
  return quota ? std::min(threads, quota) : threads;
}

struct Team::Impl {
  explicit Impl(uint32_t n) : n_threads(n), spin(n <= usable_threads()) {
    try {
      workers.reserve(n - 1);
      for (uint32_t thread = 1; thread < n; ++thread)
        workers.emplace_back([this, thread] { work(thread); });
    } catch (const std::system_error& e) {
      stop();
      throw Error(ErrorKind::failure,
                  "cannot start " + std::to_string(n) + " threads: " + e.what());
    }
  }

  ~Impl() { stop(); }

  void stop() {
    ending.store(true, std::memory_order_relaxed);
    region.fetch_add(1, std::memory_order_release);
    region.notify_all();
    for (std::thread& worker : workers) worker.join();
    workers.clear();
  }

  void work(uint32_t thread) {
    for (uint32_t seen = 0;;) {
      wait_while(region, seen, spin);
      seen = region.load(std::memory_order_acquire);
      if (ending.load(std::memory_order_relaxed)) return;
      fn(arg, thread, n_threads);
      if (running.fetch_sub(1, std::memory_order_acq_rel) == 1) running.notify_all();
    }
  }

  const uint32_t n_threads;
  const bool spin;  ///< only hurts where threads outnumber processors
  std::vector<std::thread> workers;
  // Written by `run` before `region` grows, which publishes them.
  void (*fn)(void*, uint32_t, uint32_t) = nullptr;
  void* arg = nullptr;
  std::atomic<bool> ending{false};
  // On lines of their own: one is polled by the workers, one by the caller, two by everybody.
  alignas(64) std::atomic<uint32_t> region{0};
  alignas(64) std::atomic<uint32_t> running{0};
  alignas(64) std::atomic<uint32_t> arrived{0};
  alignas(64) std::atomic<uint32_t> phase{0};
};

Team::Team(uint32_t n_threads) {
  if (n_threads > kMostThreads) {
    throw Error(ErrorKind::usage, "a team of " + std::to_string(n_threads) +
                                      " threads: " + std::to_string(kMostThreads) + " is the most");
  }
  impl_ = std::make_unique<Impl>(n_threads ? n_threads : std::min(usable_threads(), kMostThreads));
}

Team::~Team() = default;

uint32_t Team::size() const noexcept {
  return impl_->n_threads;
}

void Team::run(void (*fn)(void* arg, uint32_t thread, uint32_t n_threads), void* arg) noexcept {
  Impl& team = *impl_;
  if (team.n_threads == 1) return fn(arg, 0, 1);
  team.fn = fn;
  team.arg = arg;
  team.running.store(team.n_threads - 1, std::memory_order_relaxed);
  team.region.fetch_add(1, std::memory_order_release);
  team.region.notify_all();
  fn(arg, 0, team.n_threads);
  for (uint32_t left; (left = team.running.load(std::memory_order_acquire)) != 0;)
    wait_while(team.running, left, team.spin);
}

void Team::barrier(uint32_t) noexcept {
  Impl& team = *impl_;
  if (team.n_threads == 1) return;
  const uint32_t phase = team.phase.load(std::memory_order_acquire);
  if (team.arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == team.n_threads) {
    // Before the phase grows: nobody arrives at the next barrier until it has.
    team.arrived.store(0, std::memory_order_relaxed);
    team.phase.fetch_add(1, std::memory_order_release);
    team.phase.notify_all();
  } else {
    wait_while(team.phase, phase, team.spin);
  }
}

}  // namespace sirocco
