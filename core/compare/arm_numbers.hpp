#pragma once
// One backend's numbers against a recording: what an arm's own process does.

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "compare/recording.hpp"
#include "runtime/engine.hpp"

namespace sirocco {

struct NumbersTask {
  EngineOptions engine;  ///< the arm's backends
  std::string model;
  ModelOptions options;   ///< limits are those of the recording
  std::string reference;  ///< backend that is trusted, to bisect with
  bool bisect = false;
};

/// A stage's result, one JSON object each, as soon as it is there: what comes after a crash is
/// lost, what came before is not.
using EmitStage = std::function<void(const nlohmann::ordered_json& stage)>;

/// Records every value of the model as `task.engine` makes it. Throws as Engine and Executor do.
void record_arm(const NumbersTask& task, const DriftTokens& tokens,
                const std::filesystem::path& path, const EmitStage& emit);

/// Stages: "placement" (plan_json, explained), "timed" (the executable as it is timed, at its
/// boundaries), "alone" (each node on recorded inputs), "observed" (every value kept, errors adding
/// up, and how the outputs differ from the timed executable's), and where asked, and the outputs or
/// a node alone are out of bounds, "bisect".
void check_numbers(const NumbersTask& task, const Recording& recording, const EmitStage& emit);

/// What the tokens of a recording need of a plan.
void set_limits(ModelOptions& options, const DriftTokens& tokens);

}  // namespace sirocco
