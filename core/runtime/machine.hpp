#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sirocco {

/// What this process finds of the machine it runs on; empty or 0 where the system does not say.
struct Machine {
  std::string cpu;                    ///< "AMD EPYC 9005"
  std::vector<std::string> features;  ///< of its instructions those that kernels are written for
  uint32_t threads_online = 0;
  uint32_t threads_usable = 0;  ///< affinity and quota
  uint64_t memory_bytes = 0;
  uint64_t memory_available = 0;
  uint64_t memory_limit = 0;  ///< of the cgroup
  std::string huge_pages;     ///< "always", "madvise" or "never"
  std::string governor;       ///< of the first processor
  std::string build;          ///< how this program was built
};

Machine look_at_machine();

/// Something that holds this machine back, and what to do about it.
struct Advice {
  std::string what;
  std::string remedy;
};
/// What follows from the machine and the environment alone.
std::vector<Advice> advice_for(const Machine& machine);

}  // namespace sirocco
