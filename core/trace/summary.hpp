#pragma once

#include <string>
#include <vector>

#include "trace/recorder.hpp"

namespace sirocco {

/// A line of the table: regions, or one, over all steps of a phase.
struct TraceRow {
  std::string name;
  std::string op;
  std::string device;
  std::vector<std::string> nodes;  ///< paths, of a row of one region
  int64_t calls = 0;
  double seconds = 0;  ///< of the slowest threads
  double share = 0;    ///< of the steps' wall time
  double flops = 0;    ///< in all, as the ops define them
  double bytes = 0;    ///< in all, of values read or written once a call

  double flops_per_second() const { return seconds > 0 ? flops / seconds : 0; }
  double bytes_per_second() const { return seconds > 0 ? bytes / seconds : 0; }
};

/// What a phase's time went into. The shares of the rows of `ops`, or of `nodes`, and of overhead
/// add up to 1.
struct TraceSummary {
  std::string label;
  int64_t steps = 0;
  int64_t tokens = 0;
  double seconds = 0;           ///< wall time of the steps
  double overhead_seconds = 0;  ///< of it, what no kernel took
  double overhead_share = 0;
  std::vector<TraceRow> ops;    ///< by op and device; the longest first
  std::vector<TraceRow> nodes;  ///< by region; the longest first
};

TraceSummary summarise(const Plan& plan, const Trace& trace, const TracedPhase& phase);

}  // namespace sirocco
