#pragma once
// One arm's process while its speed is measured, seen from the process that asks.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "compare/arm.hpp"
#include "compare/child.hpp"
#include "compare/speed_run.hpp"

namespace sirocco {

/// Speaks serve_speed()'s language. An arm that dies, says nonsense or nothing is lost: its state
/// says why, and what is asked of it after that is not answered.
class SpeedArm {
 public:
  SpeedArm(const CompareSetup& setup, const CompareArm& arm, const SpeedPlan& plan,
           const CompareWatch& watch, ArmState& state);

  bool alive() const { return child_ && state_.ok(); }
  /// Starts a process and waits for its first token; what it says of itself.
  std::optional<nlohmann::ordered_json> load();
  std::optional<nlohmann::ordered_json> ask(const nlohmann::ordered_json& request);
  void end();

 private:
  std::optional<nlohmann::ordered_json> answer();
  void lose();

  std::vector<std::string> arguments_;
  std::chrono::seconds deadline_;
  const CompareWatch& watch_;
  ArmState& state_;
  std::unique_ptr<Child> child_;
};

}  // namespace sirocco
