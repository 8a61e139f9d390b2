#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/documents.hpp"
#include "config/resolve.hpp"
#include "exec/executor.hpp"
#include "exec/team.hpp"
#include "graph/op.hpp"
#include "loader/catalog.hpp"
#include "runtime/engine_options.hpp"
#include "runtime/plugin_setup.hpp"
#include "text/tokenizer.hpp"

namespace sirocco {

/// What a model is planned for.
struct ModelOptions {
  std::optional<sirocco_dtype> numerics;  ///< absent: the deployment's, else the checkpoint's
  std::optional<int64_t> context;         ///< absent: the deployment's, else the model's
  std::optional<int64_t> max_tokens;      ///< of one step
  std::optional<int64_t> max_seqs;
  std::optional<int64_t> max_rows;
  /// For steps that choose tokens; needs nothing of the model.
  SampleOn sample = SampleOn::host;
  std::vector<std::string> observe;
  bool timed = false;
  bool separate = false;                 ///< see PlanOptions
  std::vector<PlacementRule> placement;  ///< before the deployment's
};

/// A model with its plan; its weights are loaded when its executor is first asked for.
class LoadedModel {
 public:
  LoadedModel(std::shared_ptr<const ResolvedModel> model, std::shared_ptr<const Plan> plan)
      : model_(std::move(model)), plan_(std::move(plan)) {}

  const ResolvedModel& model() const { return *model_; }
  const Plan& plan() const { return *plan_; }
  /// Loads the weights the first time; `progress` is told about it.
  Executor& executor(const LoadProgress& progress = {});

 private:
  std::shared_ptr<const ResolvedModel> model_;
  std::shared_ptr<const Plan> plan_;
  std::unique_ptr<Executor> executor_;
};

/// One deployment in this process: its plugins, its backends, its threads, the ops they know.
class Engine {
 public:
  /// Reads the deployment, finds the plugins and starts the backends. Throws Error(invalid_file)
  /// for a bad deployment, Error(plugin) for a backend that cannot be had.
  explicit Engine(EngineOptions options);

  const OpRegistry& ops() const { return registry_; }
  const PluginCatalog& catalog() const { return catalog_; }
  const std::vector<Device>& devices() const { return devices_; }
  /// The threads that the backends compute on.
  Team& team() const { return *team_; }

  /// `model` is a model document or a checkpoint folder.
  std::shared_ptr<const ResolvedModel> resolve(const std::filesystem::path& model) const;
  /// Places and plans it; prints nothing. Placement on another backend than the first is warned of
  /// through the log where the policy says `warn`. The engine must outlive it: its backends'
  /// threads and its plugins' ops are the engine's.
  std::unique_ptr<LoadedModel> plan(std::shared_ptr<const ResolvedModel> model,
                                    const ModelOptions& options) const;
  /// The tokenizer that the model names. Error(invalid_file) where it names none.
  std::unique_ptr<Tokenizer> tokenizer(const ResolvedModel& model) const;

 private:
  void start_backends();
  /// A backend named on the command line, with the options it has in the deployment and its own.
  BackendChoice choice_of(const std::string& text, const std::vector<BackendChoice>& before) const;
  HostConfig host_config(const BackendChoice& choice) const;
  PlacementOptions placement_options() const;
  /// Throws Error(failure) where the deployment allows less memory than planned.
  void check_budget(const Plan& plan) const;
  StepLimits step_limits(const ResolvedModel& model, const ModelOptions& options) const;

  EngineOptions options_;
  DeploymentDocument deployment_;
  PluginCatalog catalog_;
  std::vector<std::shared_ptr<Plugin>> plugins_;  ///< those whose ops are in the registry
  OpRegistry registry_;
  std::unique_ptr<Team> team_;
  std::vector<Device> devices_;
};

/// Throws Error(invalid_file) where `asked` is beyond the model's limit or `needed` beyond either.
void check_context(const ResolvedModel& model, std::optional<int64_t> asked, int64_t needed);

}  // namespace sirocco
