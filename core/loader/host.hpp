#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sirocco/abi/host.h>

namespace sirocco {

class Team;

/// What one plugin instance may use of its host.
struct HostConfig {
  std::string plugin_path;
  std::vector<std::pair<std::string, std::string>> options;
  Team* team = nullptr;  ///< outlives the Host; nullptr: the team service is not offered
  /// Where the plugin's messages go; level is SIROCCO_LOG_*. Empty: standard error, from INFO on.
  std::function<void(int32_t level, std::string_view message)> log;
  /// Where the ranges of the profiler service go, in CLOCK_MONOTONIC nanoseconds. Empty: nowhere.
  std::function<void(std::string_view name, uint32_t thread, uint64_t begin_ns, uint64_t end_ns)>
      range;
  uint64_t memory_budget = 0;  ///< bytes the allocate service hands out; 0: no limit
  uint32_t abi_version = 0;
};

/// Owns a `sirocco_host` and the services behind it, for one plugin instance. Immovable: plugins
/// keep its address.
class Host {
 public:
  explicit Host(HostConfig config);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  const sirocco_host* get() const;
  /// What the plugin took from the allocate service and has not given back.
  uint64_t allocated_bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sirocco
