#pragma once
// What is compared: an arm is one or more backends, or a deployment, that run the whole model.

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace sirocco {

struct CompareArm {
  std::string label;                  ///< as the command line wrote it; unique
  std::vector<std::string> backends;  ///< in order of preference, as parse_backend() reads them
  std::optional<std::string> deployment;
};

/// One arm a text: "NAME", "NAME:key=value", "folder/new.so", several backends joined by "+"
/// (the first that takes a node runs it), or a deployment document ("fast.yaml"). Throws
/// Error(usage) for a text that is none, fewer than one, or the same arm twice.
std::vector<CompareArm> parse_arms(const std::vector<std::string>& texts);

/// What all arms of one comparison have in common.
struct CompareSetup {
  std::string model;
  /// Flags of the command line that go to every arm's process as they are: plugin paths, threads,
  /// numerics, context.
  std::vector<std::string> flags;
  std::string fallback = "forbid";
  int64_t deadline_seconds = 600;  ///< of one answer of an arm's process
};

/// Arguments of a process that does an arm's `task`, before those of the task itself.
std::vector<std::string> arm_arguments(const CompareSetup& setup, const CompareArm& arm,
                                       const std::string& task);
/// The arm's backends and deployment as flags of any verb.
std::vector<std::string> arm_flags(const CompareSetup& setup, const CompareArm& arm);

/// How an arm fared, in the report.
struct ArmState {
  std::string status = "ok";  ///< "ok", "failed"; "stopped" where Ctrl-C or a signal ended it
  std::string problem;        ///< why it is not ok, for people

  bool ok() const { return status == "ok"; }
  void stop() {
    if (ok()) status = "stopped";
  }
  void fail(const std::string& why) {
    if (ok()) status = "failed";
    problem += (problem.empty() ? "" : "; ") + why;
  }
};

}  // namespace sirocco
