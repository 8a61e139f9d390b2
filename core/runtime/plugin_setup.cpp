#include "runtime/plugin_setup.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <sirocco/abi/ops.h>

#include "graph/plugin_ops.hpp"
#include "loader/install_paths.hpp"
#include "runtime/backend_text.hpp"

namespace sirocco {

Fallback fallback_from_name(const std::string& name) {
  if (name == "forbid") return Fallback::forbid;
  return name == "allow" ? Fallback::allow : Fallback::warn;
}

DeploymentDocument find_deployment(const EngineOptions& options) {
  if (options.deployment) return read_deployment(*options.deployment);
  return read_deployment(
      find_document(DocumentKind::deployment, "default", Place{}, ConfigPath::standard()));
}

PluginSearch plugin_search(const EngineOptions& options, const DeploymentDocument& deployment) {
  PluginSearch search;
  search.command_line = options.plugin_path;
  search.deployment = deployment.plugin_paths;
  for (const std::string& text : options.backends)
    if (const BackendText backend = parse_backend(text); backend.file)
      search.aliases.emplace(backend.choice.name, std::filesystem::absolute(*backend.file));
  for (const auto& [name, file] : deployment.plugin_aliases) search.aliases.emplace(name, file);
  search.install_dir = install_paths().plugins;
  return search;
}

PluginCatalog scan_plugins(const EngineOptions& options, bool devices) {
  ProbeOptions probe;
  probe.devices = devices;
  return PluginCatalog::scan(plugin_search(options, find_deployment(options)), probe);
}

void add_catalog_ops(OpRegistry& registry, const PluginCatalog& catalog,
                     std::vector<std::shared_ptr<Plugin>>& plugins) {
  for (const Candidate& candidate : catalog.candidates()) {
    if (candidate.status != Candidate::Status::usable || candidate.probed.ops.empty()) continue;
    // Two names of one plugin bring the same ops: once is enough.
    const auto brought = [&](const OpDef* op) { return op->provider == candidate.probed.name; };
    if (std::ranges::any_of(registry.all(), brought)) continue;
    plugins.push_back(catalog.load(candidate.name));
    add_plugin_ops(registry,
                   plugins.back()->find_interface<sirocco_ops_interface>(SIROCCO_INTERFACE_OPS),
                   candidate.probed.name);
  }
}

std::string scalar_text(const ScalarValue& value) {
  struct Writer {
    std::string operator()(std::monostate) const { return ""; }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return fmt::format("{}", number); }
    std::string operator()(const std::string& text) const { return text; }
  };
  return std::visit(Writer{}, value);
}

}  // namespace sirocco
