#include "exec/team.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace sirocco {
namespace {

/// Turns of waiting by spinning before a thread sleeps: some tens of microseconds, longer than the
/// gaps within a step and shorter than a person waits.
constexpr int kSpins = 20'000;

void pause_cpu() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

/// Waits until `value` is no longer `old`, first spinning, then asleep.
void wait_while(const std::atomic<uint32_t>& value, uint32_t old, bool spin) {
  for (int i = 0; spin && i < kSpins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    pause_cpu();
  }
  value.wait(old, std::memory_order_acquire);
}

/// CPUs that the process's cgroup may use at a time; 0 where there is no quota.
uint32_t cgroup_quota() {
  double quota = 0, period = 0;
  std::string first;
  if (std::ifstream v2("/sys/fs/cgroup/cpu.max"); v2 >> first >> period && first != "max") {
    quota = std::strtod(first.c_str(), nullptr);
  } else {
    std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_quota_us") >> quota;
    std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_period_us") >> period;
  }
  return quota > 0 && period > 0 ? static_cast<uint32_t>(std::max(1.0, std::floor(quota / period)))
                                 : 0;
}

}  // namespace

uint32_t usable_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  uint32_t threads = std::max(1u, std::thread::hardware_concurrency());
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    threads = static_cast<uint32_t>(std::max(1, CPU_COUNT(&set)));
  const uint32_t quota = cgroup_quota();
  return quota ? std::min(threads, quota) : threads;
}

struct Team::Impl {
  explicit Impl(uint32_t n) : n_threads(n), spin(n <= usable_threads()) {
    for (uint32_t thread = 1; thread < n; ++thread)
      workers.emplace_back([this, thread] { work(thread); });
  }

  ~Impl() {
    ending = true;
    region.fetch_add(1, std::memory_order_release);
    region.notify_all();
    for (std::thread& worker : workers) worker.join();
  }

  void work(uint32_t thread) {
    for (uint32_t seen = 0;;) {
      wait_while(region, seen, spin);
      seen = region.load(std::memory_order_acquire);
      if (ending) return;
      fn(arg, thread, n_threads);
      if (running.fetch_sub(1, std::memory_order_acq_rel) == 1) running.notify_all();
    }
  }

  const uint32_t n_threads;
  const bool spin;  ///< spinning only hurts where threads outnumber processors
  std::vector<std::thread> workers;
  void (*fn)(void*, uint32_t, uint32_t) = nullptr;
  void* arg = nullptr;
  std::atomic<bool> ending{false};
  // On lines of their own: one is polled by the workers, one by the caller, two by everybody.
  alignas(64) std::atomic<uint32_t> region{0};
  alignas(64) std::atomic<uint32_t> running{0};
  alignas(64) std::atomic<uint32_t> arrived{0};
  alignas(64) std::atomic<uint32_t> phase{0};
};

Team::Team(uint32_t n_threads)
    : impl_(std::make_unique<Impl>(n_threads ? n_threads : usable_threads())) {}

Team::~Team() = default;

uint32_t Team::size() const noexcept { return impl_->n_threads; }

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
    team.arrived.store(0, std::memory_order_relaxed);
    team.phase.fetch_add(1, std::memory_order_release);
    team.phase.notify_all();
  } else {
    wait_while(team.phase, phase, team.spin);
  }
}

}  // namespace sirocco
