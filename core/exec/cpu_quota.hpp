#pragma once

#include <cstdint>
#include <filesystem>

namespace sirocco {

/// CPUs that the cgroup of this process, or one around it, may use at a time, rounded down but at
/// least 1; 0 where there is no quota. `root` is "/" but in tests.
uint32_t cpu_quota(const std::filesystem::path& root = "/");

}  // namespace sirocco
