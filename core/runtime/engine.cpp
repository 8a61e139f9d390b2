#include "runtime/engine.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "config/elaborate.hpp"
#include "config/expand.hpp"
#include "graph/plugin_ops.hpp"
#include "loader/install_paths.hpp"

namespace sirocco {
namespace {

constexpr int64_t kDefaultMaxTokens = 512;
/// Where neither the command line, the deployment nor the model says how long a sequence may be.
constexpr int64_t kDefaultContext = 4096;

std::filesystem::path deployment_file(const EngineOptions& options, const ConfigPath& config) {
  if (options.deployment) return *options.deployment;
  return find_document(DocumentKind::deployment, "default", Place{}, config);
}

DeploymentDocument read_deployment_of(const EngineOptions& options) {
  return read_deployment(deployment_file(options, ConfigPath::standard()));
}

PluginSearch plugin_search(const EngineOptions& options, const DeploymentDocument& deployment) {
  PluginSearch search;
  search.command_line = options.plugin_path;
  search.deployment = deployment.plugin_paths;
  for (const auto& [name, file] : deployment.plugin_aliases) search.aliases.emplace(name, file);
  search.install_dir = install_paths().plugins;
  return search;
}

}  // namespace

Fallback fallback_from_name(const std::string& name) {
  if (name == "forbid") return Fallback::forbid;
  return name == "allow" ? Fallback::allow : Fallback::warn;
}

PluginCatalog scan_plugins(const EngineOptions& options, bool with_devices) {
  return PluginCatalog::scan(plugin_search(options, read_deployment_of(options)),
                             {.devices = with_devices});
}

Executor& LoadedModel::executor(const LoadProgress& progress) {
  if (!executor_) {
    const WeightSource& source = model_->weights();
    executor_ = std::make_unique<Executor>(
        plan_, [&](const GraphWeight& weight) { return source.bytes(weight.file_name); }, progress);
  }
  return *executor_;
}

Engine::Engine(EngineOptions options)
    : options_(std::move(options)),
      config_(ConfigPath::standard()),
      deployment_(read_deployment_of(options_)),
      catalog_(PluginCatalog::scan(plugin_search(options_, deployment_), {})),
      registry_(OpRegistry::with_builtin_ops()),
      team_(std::make_unique<Team>(static_cast<uint32_t>(deployment_.threads.value_or(0)))) {
  start_backends();
}

}  // namespace sirocco
