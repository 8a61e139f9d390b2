#pragma once
// The host's threads, and splitting a range among them.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <type_traits>

#include <sirocco/sdk/plugin.hpp>

namespace sirocco::sdk {

/// The team service of a host, or the calling thread alone where the host offers none.
class Team {
 public:
  Team() = default;
  explicit Team(const sirocco_host* host)
      : host_(host), service_(service<sirocco_team_service>(host, SIROCCO_SERVICE_TEAM)) {
    if (service_) size_ = std::max<uint32_t>(service_->size(host_->ctx), 1);
  }

  uint32_t size() const { return size_; }

  /// Runs `body(thread, n_threads)` once on every thread; `body` must not throw, and may call
  /// `barrier`. Allocates nothing.
  template <class Body>
  void region(Body&& body) const {
    if (!service_) {
      body(uint32_t{0}, uint32_t{1});
      return;
    }
    using Function = std::remove_reference_t<Body>;
    service_->run(
        host_->ctx,
        [](void* arg, uint32_t thread, uint32_t n_threads) {
          (*static_cast<Function*>(arg))(thread, n_threads);
        },
        &body);
  }

  /// Inside `region` only: returns when every thread of the team has called it.
  void barrier(uint32_t thread) const {
    if (service_) service_->barrier(host_->ctx, thread);
  }

  /// Runs `body(begin, end, thread)` over parts of [0, n), at most one a thread and of `grain`
  /// items at least. What a part throws is thrown again here once all have ended. Allocates
  /// nothing.
  template <class Body>
  void split(int64_t n, int64_t grain, Body&& body) const {
    if (n <= 0) return;
    Region<std::remove_reference_t<Body>> region{body, n};
    region.parts = std::clamp<int64_t>(n / std::max<int64_t>(grain, 1), 1, size_);
    if (region.parts == 1) {
      body(int64_t{0}, n, uint32_t{0});
      return;
    }
    service_->run(host_->ctx, &Region<std::remove_reference_t<Body>>::run, &region);
    if (region.failure) std::rethrow_exception(region.failure);
  }

 private:
  template <class Body>
  struct Region {
    Body& body;
    int64_t n;
    int64_t parts = 1;
    std::atomic_flag failed = ATOMIC_FLAG_INIT;
    std::exception_ptr failure = nullptr;

    static void run(void* arg, uint32_t thread, uint32_t n_threads) {
      auto& region = *static_cast<Region*>(arg);
      const int64_t parts = std::min<int64_t>(region.parts, n_threads);
      if (thread >= parts) return;
      try {
        const int64_t share = region.n / parts, more = region.n % parts;
        const int64_t begin = thread * share + std::min<int64_t>(thread, more);
        region.body(begin, begin + share + (thread < more ? 1 : 0), thread);
      } catch (...) {
        if (!region.failed.test_and_set()) region.failure = std::current_exception();
      }
    }
  };

  const sirocco_host* host_ = nullptr;
  const sirocco_team_service* service_ = nullptr;
  uint32_t size_ = 1;
};

}  // namespace sirocco::sdk
