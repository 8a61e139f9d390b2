#include "runtime/machine.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "exec/team.hpp"

namespace sirocco {
namespace {

/// The first line of a file; empty where there is none.
std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// The value of "key : value" in a file such as /proc/cpuinfo.
std::string field(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const size_t begin = line.find_first_not_of(" \t", colon + 1);
    return begin == std::string::npos ? std::string() : line.substr(begin);
  }
  return {};
}

std::vector<std::string> known_features() {
  constexpr const char* kKnown[] = {"avx2",        "fma",         "f16c",        "avx512f",
                                    "avx512_vnni", "avx512_bf16", "avx512_fp16", "avx_vnni",
                                    "amx_tile",    "amx_bf16",    "amx_int8",    "asimd",
                                    "bf16",        "i8mm",        "sve"};
  std::string flags = field("/proc/cpuinfo", "flags");
  if (flags.empty()) flags = field("/proc/cpuinfo", "Features");
  const std::string padded = " " + flags + " ";
  std::vector<std::string> found;
  for (const char* name : kKnown)
    if (padded.find(" " + std::string(name) + " ") != std::string::npos) found.emplace_back(name);
  return found;
}

uint64_t kibibytes(const std::string& text) {
  return std::strtoull(text.c_str(), nullptr, 10) * 1024;
}

/// The chosen one of "always [madvise] never".
std::string chosen_in(const std::string& text) {
  const size_t begin = text.find('['), end = text.find(']');
  return begin == std::string::npos || end == std::string::npos
             ? std::string()
             : text.substr(begin + 1, end - begin - 1);
}

uint64_t cgroup_limit() {
  std::string limit = first_line("/sys/fs/cgroup/memory.max");
  if (limit.empty()) limit = first_line("/sys/fs/cgroup/memory/memory.limit_in_bytes");
  const uint64_t bytes = std::strtoull(limit.c_str(), nullptr, 10);
  constexpr uint64_t kNone = uint64_t{1} << 60;  // what the older kind says where there is no limit
  return bytes < kNone ? bytes : 0;
}

}  // namespace

Machine look_at_machine() {
  Machine machine;
  machine.cpu = field("/proc/cpuinfo", "model name");
  machine.features = known_features();
  machine.threads_online = static_cast<uint32_t>(std::max(sysconf(_SC_NPROCESSORS_ONLN), 0L));
  machine.threads_usable = usable_threads();
  machine.memory_bytes = kibibytes(field("/proc/meminfo", "MemTotal"));
  machine.memory_available = kibibytes(field("/proc/meminfo", "MemAvailable"));
  machine.memory_limit = cgroup_limit();
  machine.huge_pages = chosen_in(first_line("/sys/kernel/mm/transparent_hugepage/enabled"));
  machine.governor = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  machine.build = "sanitized";
#elif defined(NDEBUG)
  machine.build = "optimised";
#else
  machine.build = "with assertions";
#endif
  return machine;
}

std::vector<Advice> advice_for(const Machine& machine) {
  std::vector<Advice> advice;
  if (machine.threads_usable < machine.threads_online) {
    advice.push_back({fmt::format("{} of {} processors may be used", machine.threads_usable,
                                  machine.threads_online),
                      "raise the container's processor quota, or start without taskset"});
  }
  if (machine.huge_pages == "never") {
    advice.push_back({"huge pages are off, so that large states are looked up page by page",
                      "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"});
  }
  if (machine.governor == "powersave" || machine.governor == "conservative") {
    advice.push_back({"the processors are governed by '" + machine.governor + "'",
                      "cpupower frequency-set -g performance"});
  }
  if (machine.build != "optimised")
    advice.push_back(
        {"this program was built " + machine.build, "build with the preset 'default'"});
  if (const char* forced = std::getenv("SIROCCO_ISA"); forced && *forced) {
    advice.push_back(
        {"SIROCCO_ISA=" + std::string(forced) + " may hold a backend to older instructions",
         "unset SIROCCO_ISA"});
  }
  return advice;
}

}  // namespace sirocco
