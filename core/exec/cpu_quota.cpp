#include "exec/cpu_quota.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

namespace sirocco {
namespace {

/// What one level of the hierarchy allows; 0 where it sets nothing.
double quota_at(const std::filesystem::path& folder) {
  double quota = 0, period = 0;
  std::string first;
  if (std::ifstream v2(folder / "cpu.max"); v2 >> first >> period) {
    quota = std::strtod(first.c_str(), nullptr);  // "max" is 0
  } else {
    std::ifstream(folder / "cpu.cfs_quota_us") >> quota;  // -1: none
    std::ifstream(folder / "cpu.cfs_period_us") >> period;
  }
  return quota > 0 && period > 0 ? quota / period : 0;
}

/// The smallest quota from the group up to the top: a group gets no more than those around it.
double smallest_quota(const std::filesystem::path& top, std::filesystem::path group) {
  double smallest = 0;
  for (;; group = group.parent_path()) {
    const double quota = quota_at(top / group);
    if (quota > 0 && (smallest == 0 || quota < smallest)) smallest = quota;
    if (group.empty()) return smallest;
  }
}

/// Whether "cpu" is one of the controllers in a comma list.
bool lists_cpu(const std::string& controllers) {
  return ("," + controllers + ",").find(",cpu,") != std::string::npos;
}

}  // namespace

uint32_t cpu_quota(const std::filesystem::path& root) {
  const std::filesystem::path top = root / "sys/fs/cgroup";
  double smallest = 0;
  // Lines are "<id>:<controllers>:/<group>"; version 2 has one without controllers. Inside a
  // container the group may lie above what is mounted; then only the levels that exist count.
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (!controllers.empty() && !lists_cpu(controllers)) continue;
    const std::filesystem::path group =
        std::filesystem::path(line.substr(second + 1)).relative_path();
    const double quota =
        smallest_quota(controllers.empty() ? top : top / controllers, group.lexically_normal());
    if (quota > 0 && (smallest == 0 || quota < smallest)) smallest = quota;
  }
  return smallest > 0 ? static_cast<uint32_t>(std::clamp(smallest, 1.0, 65536.0)) : 0;
}

}  // namespace sirocco
