#pragma once
// The speeds of several arms, each in a process of its own, measured in turn.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/cases.hpp"
#include "compare/arm.hpp"

namespace sirocco {

struct SpeedPlan {
  std::vector<BenchCase> cases;
  std::vector<std::string> case_flags;  ///< the same as flags, for the arms' processes
  int64_t repeats = 0;                  ///< 0: repeats_worth()
  uint64_t seed = 1;                    ///< of the order of arms
  double least_seconds = 0.01;          ///< of a sample, see Bench::sample
  bool probes = true;  ///< look at what the machine can do around samples; else no shares
};

/// Told what is going on; `stop` ends the run with what is there.
struct CompareWatch {
  std::function<void(const std::string& what, size_t done, size_t total)> progress;
  std::function<bool()> stop;
};

/// The part "speed" of the report: a `case` each with the arms' samples and, of every arm but the
/// first, its comparison with the first; and what each arm said of itself (`arms`, by label), whose
/// states are updated. An arm that dies is out of what follows, and the others go on. Arms whose
/// devices are emulated are loaded and not timed.
nlohmann::ordered_json run_speed(const CompareSetup& setup, const std::vector<CompareArm>& arms,
                                 std::map<std::string, ArmState>& states, const SpeedPlan& plan,
                                 const CompareWatch& watch,
                                 std::map<std::string, nlohmann::ordered_json>& facts);

}  // namespace sirocco
