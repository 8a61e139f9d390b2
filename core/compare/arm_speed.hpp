#pragma once
// One backend's speed, sample by sample as it is asked for: what an arm's own process does.

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/cases.hpp"
#include "runtime/engine.hpp"

namespace sirocco {

struct SpeedTask {
  EngineOptions engine;
  std::string model;
  ModelOptions options;
  std::vector<BenchCase> cases;
  bool probes = true;        ///< "memory" tells what the devices can do, too
  double least_seconds = 0;  ///< of a sample, see Bench::sample
};

/// Loads the model, emits "loaded", then answers each line of `next` with one object until there is
/// none: {"do": "warm_up" | "sample", "case": index} or {"do": "memory"}. To warm up is to take a
/// sample whose figures do not count, but for how long it took; a sample with "probe": true lies
/// between two looks at what the machine can do, and has shares. Throws as Engine and
/// Executor do, and Error(usage) for a line that is none of these.
void serve_speed(const SpeedTask& task, const std::function<bool(std::string& line)>& next,
                 const std::function<void(const nlohmann::ordered_json&)>& emit);

}  // namespace sirocco
