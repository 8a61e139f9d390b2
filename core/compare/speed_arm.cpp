#include "compare/speed_arm.hpp"

#include <fmt/format.h>
#include <sirocco/error.hpp>

namespace sirocco {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

SpeedArm::SpeedArm(const CompareSetup& setup, const CompareArm& arm, const SpeedPlan& plan,
                   const CompareWatch& watch, ArmState& state)
    : deadline_(setup.deadline_seconds), watch_(watch), state_(state) {
  arguments_ = arm_arguments(setup, arm, "speed");
  arguments_.insert(arguments_.end(), plan.case_flags.begin(), plan.case_flags.end());
  arguments_.insert(arguments_.end(),
                    {"--sample-ms", fmt::format("{}", 1000 * plan.least_seconds)});
  if (!plan.probes) arguments_.push_back("--no-probes");
}

std::optional<Json> SpeedArm::load() {
  child_.reset();
  try {
    child_ = std::make_unique<Child>(arguments_);
  } catch (const Error& e) {
    state_.fail(e.what());
    return std::nullopt;
  }
  return answer();
}

std::optional<Json> SpeedArm::ask(const Json& request) {
  if (!alive()) return std::nullopt;
  if (!child_->write_line(request.dump())) {
    lose();
    return std::nullopt;
  }
  return answer();
}

void SpeedArm::end() {
  if (child_) child_->end();
  child_.reset();
}

std::optional<Json> SpeedArm::answer() {
  std::string line;
  switch (child_->read_line(line, deadline_, watch_.stop)) {
    case Child::Got::line:
      try {
        return Json::parse(line);
      } catch (const nlohmann::json::exception&) {
        state_.fail("said what cannot be read: " + line.substr(0, 200));
        child_.reset();
        return std::nullopt;
      }
    case Child::Got::stopped:
      state_.stop();
      child_.reset();
      return std::nullopt;
    case Child::Got::late:
      state_.fail(fmt::format("gave no answer within {} s, and was ended", deadline_.count()));
      child_.reset();
      return std::nullopt;
    case Child::Got::end:
      break;
  }
  lose();
  return std::nullopt;
}

void SpeedArm::lose() {
  state_.fail(child_->end().text);
  child_.reset();
}

}  // namespace sirocco
