#pragma once
// A whole comparison and its report.

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "compare/arm.hpp"
#include "compare/gate.hpp"
#include "compare/numbers_run.hpp"
#include "compare/speed_run.hpp"

namespace sirocco {

/// What a report is called by, and its version: readers refuse any other.
inline constexpr const char* kReportFormat = "sirocco.compare/1";

struct ComparePlan {
  CompareSetup setup;
  std::vector<CompareArm> arms;
  std::optional<SpeedPlan> speed;      ///< absent: not measured
  std::optional<NumbersPlan> numbers;  ///< absent: not compared
};

/// Runs it. The report comes out whatever happens to single arms; Ctrl-C (`watch.stop`) ends it
/// with what is there. Throws Error(failure) only where no process can be started at all.
nlohmann::ordered_json compare(const ComparePlan& plan, const CompareWatch& watch);

/// A report from a file. Throws Error(invalid_file) for anything else, and for another version.
nlohmann::ordered_json read_report(const std::string& path);

/// Every label that a gate may name once the report is there: cases, "load", "memory", "kl",
/// "nmse".
std::vector<std::string> gate_labels(const std::vector<BenchCase>& cases);
/// Values for gates. Without a baseline: of every arm against the first. With one: of every arm
/// against the arm of the same label in it, speeds as shares of the probes of their own runs where
/// both have them, since the machine may have changed. "kl" and "nmse" are as they are.
std::vector<GatedValue> gated_values(const nlohmann::ordered_json& report,
                                     const nlohmann::ordered_json* baseline);

/// Throws Error(usage) where the baseline lacks an arm that gates are to compare with it.
void check_baseline(const nlohmann::ordered_json& baseline, const std::vector<CompareArm>& arms);

/// The fastest arm, by the geometric mean of its ratios to the first, of those whose drift is at
/// most `budget` (NMSE of the outputs; by default their bound), as a deployment document; the
/// report says under "saved" what it is expected to reach. Throws Error(failure) where no arm is
/// fit.
std::string save_deployment(nlohmann::ordered_json& report, const std::vector<CompareArm>& arms,
                            std::optional<double> budget);

}  // namespace sirocco
