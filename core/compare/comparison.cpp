#include "compare/comparison.hpp"

#include <algorithm>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "compare/fingerprint.hpp"

namespace sirocco {
namespace {

using Json = nlohmann::ordered_json;

Json arm_json(const CompareArm& arm, const ArmState& state, Json facts) {
  Json json = {{"label", arm.label}, {"status", state.status}, {"problem", state.problem}};
  for (Json& device : facts["devices"])
    device["sha1"] = file_digest(device.value("file", std::string()));
  json.update(facts);
  return json;
}

}  // namespace

Json compare(const ComparePlan& plan, const CompareWatch& watch) {
  std::map<std::string, ArmState> states;
  std::map<std::string, Json> facts;
  for (const CompareArm& arm : plan.arms) states[arm.label];
  Json report = {{"format", kReportFormat},   {"created", utc_now()},
                 {"model", plan.setup.model}, {"fingerprint", fingerprint_json()},
                 {"arms", Json::array()},     {"speed", nullptr},
                 {"numbers", nullptr}};
  // Numbers first: they are cheap, and say at once where a backend is wrong. An arm that fails
  // there may still be timed.
  if (plan.numbers)
    report["numbers"] = run_numbers(plan.setup, plan.arms, states, *plan.numbers, watch, facts);
  if (plan.speed) {
    std::map<std::string, ArmState> timing;
    for (const CompareArm& arm : plan.arms) timing[arm.label];
    report["speed"] = run_speed(plan.setup, plan.arms, timing, *plan.speed, watch, facts);
    for (const CompareArm& arm : plan.arms) {
      const ArmState& timed = timing[arm.label];
      if (timed.ok()) continue;
      ArmState& state = states[arm.label];
      if (timed.status == "stopped") {
        state.stop();
      } else if (state.problem.find(timed.problem) == std::string::npos) {
        state.fail("speed: " + timed.problem);
      }
    }
  }
  for (const CompareArm& arm : plan.arms)
    report["arms"].push_back(arm_json(arm, states[arm.label], facts[arm.label]));
  report["complete"] =
      std::ranges::all_of(plan.arms,
                          [&](const CompareArm& arm) { return states[arm.label].ok(); }) &&
      (!plan.numbers || report["numbers"]["problem"] == "");
  return report;
}

Json read_report(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorKind::invalid_file, path + ": cannot be read");
  Json report = Json::parse(file, nullptr, false);
  if (report.is_discarded() || !report.is_object())
    throw Error(ErrorKind::invalid_file, path + ": not a JSON object");
  const Json format = report.value("format", Json());
  if (format != kReportFormat)
    throw Error(ErrorKind::invalid_file,
                fmt::format("{}: its format is {}, this program reads {}; run `sirocco compare` "
                            "again with --json",
                            path, format.dump().substr(0, 60), kReportFormat));
  for (const char* part : {"arms", "fingerprint", "speed", "numbers"})
    if (!report.contains(part))
      throw Error(ErrorKind::invalid_file, fmt::format("{}: it has no '{}'", path, part));
  return report;
}

}  // namespace sirocco
