#pragma once

#include <string>
#include <vector>

#include "bench/report.hpp"
#include "engine_flags.hpp"

namespace sirocco::cli {

/// Loads the model and measures every case `repeats` times in turn, with progress on a terminal.
/// Falling back to another backend than the first is forbidden unless the flags say otherwise.
/// Throws as Engine and Executor do, and Error(usage) for a batch wider than a step.
BenchReport run_bench(const std::string& model, const EngineFlags& flags,
                      const std::vector<BenchCase>& cases, int64_t repeats);

}  // namespace sirocco::cli
