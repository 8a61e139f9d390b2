#pragma once

#include <cstdint>
#include <memory>

namespace sirocco {

/// The threads that backends compute on. The caller of `run` is thread 0; the others wait between
/// regions, spinning for a moment and then asleep. One region at a time.
class Team {
 public:
  /// `n_threads` 0: as many as this process may use (affinity and cgroup quota). Throws
  /// Error(usage) above 4096 and Error(failure) where the system starts no more threads.
  explicit Team(uint32_t n_threads = 0);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  uint32_t size() const noexcept;
  /// Runs `fn(arg, thread, n_threads)` once on each thread; returns when all have ended. `fn` does
  /// not throw. Not reentrant. Allocates nothing.
  void run(void (*fn)(void* arg, uint32_t thread, uint32_t n_threads), void* arg) noexcept;
  /// Inside `run`: returns when every thread of the team has called it.
  void barrier(uint32_t thread) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Hardware threads this process may use: the smaller of its affinity mask and its cgroup's quota.
uint32_t usable_threads();

}  // namespace sirocco
