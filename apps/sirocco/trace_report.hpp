#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "trace/summary.hpp"

namespace sirocco::cli {

/// What is said about a whole run of `trace`.
struct TraceRun {
  std::string model;
  std::string placement;
  uint32_t threads = 0;
  std::vector<TraceSummary> phases;
  std::vector<std::string> untimed;  ///< paths of nodes that no time covers
};

/// For each phase a table by op and one of the `top` nodes that took longest.
std::string trace_text(const TraceRun& run, size_t top);
/// The same with every node; seconds, and shares from 0 to 1.
nlohmann::ordered_json trace_json(const TraceRun& run);

}  // namespace sirocco::cli
