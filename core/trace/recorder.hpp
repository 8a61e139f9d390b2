#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/feeder.hpp"
#include "exec/executor.hpp"
#include "trace/regions.hpp"

namespace sirocco {

/// What is run under the recorder, on one sequence: a prompt is read, then tokens are made one by
/// one.
struct TraceCase {
  int64_t depth = 0;   ///< tokens that the sequence holds before
  int64_t prompt = 0;  ///< tokens read; 0: none
  int64_t steps = 0;   ///< tokens made, each in a step of its own
};

/// One step and everything that ran in it.
struct TracedStep {
  std::string label;  ///< "pp32", "tg 3"
  FedStep fed;
  int64_t depth = 0;  ///< tokens that the sequence held before it
  std::vector<NodeTime> times;
  std::vector<uint64_t> region_ns;  ///< by region: the time of the thread that was longest in it
  uint64_t kernel_ns = 0;           ///< the sum of these

  /// Negative where work overlaps: then there is none to be seen.
  int64_t overhead_ns() const {
    return static_cast<int64_t>(fed.ns()) - static_cast<int64_t>(kernel_ns);
  }
  Extents extents() const { return {fed.tokens, 1, fed.rows}; }
  int64_t context() const { return depth + fed.tokens; }
};

/// Steps of one kind: `pp32`, or `tg8 @ d32`.
struct TracedPhase {
  std::string label;
  std::vector<TracedStep> steps;
};

struct Trace {
  std::vector<Region> regions;
  std::vector<NodeId> untimed;  ///< nodes in no region
  std::vector<TracedPhase> phases;
};

/// Runs the case twice, and records the second time: the first touches the weights. The plan is
/// timed, has room for one sequence of depth + prompt + steps tokens, and no sequence is open.
/// `progress` is told the tokens done and in all.
Trace record_trace(Executor& executor, const TraceCase& what,
                   const std::function<void(int64_t, int64_t)>& progress);

}  // namespace sirocco
