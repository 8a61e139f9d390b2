#pragma once
// What the samples of several arms come to.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/cases.hpp"

namespace sirocco {

/// Samples of one case: by arm, each as serve_speed() answers, with the "round" it was taken in.
using CaseSamples = std::vector<std::vector<nlohmann::ordered_json>>;

struct SpeedReportPlan {
  std::vector<std::string> labels;  ///< of the arms, the base first
  std::vector<bool> timed;          ///< by arm; others are left out
  int64_t n_comparisons = 1;        ///< judged in the whole run
  bool probes = true;               ///< samples have shares
};

/// One entry of the report's "cases".
nlohmann::ordered_json case_report(const BenchCase& test, const CaseSamples& samples,
                                   const SpeedReportPlan& plan);

/// The middle of some figures; 0 of none.
double median_of(const std::vector<double>& values);

}  // namespace sirocco
