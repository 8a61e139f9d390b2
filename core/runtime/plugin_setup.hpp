#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/documents.hpp"
#include "graph/op.hpp"
#include "loader/catalog.hpp"
#include "runtime/engine_options.hpp"

namespace sirocco {

/// "forbid", "warn" or "allow".
Fallback fallback_from_name(const std::string& name);

/// The deployment that the options name, else `default` of the config path.
DeploymentDocument find_deployment(const EngineOptions& options);

/// Where plugins are looked for under this deployment.
PluginSearch plugin_search(const EngineOptions& options, const DeploymentDocument& deployment);

/// Every plugin that can be seen with these options; with `devices` their backends are started.
PluginCatalog scan_plugins(const EngineOptions& options, bool devices);

/// Adds the ops that plugins bring. `plugins` keeps those plugins, which must outlive the registry.
void add_catalog_ops(OpRegistry& registry, const PluginCatalog& catalog,
                     std::vector<std::shared_ptr<Plugin>>& plugins);

/// An option's value as plugins get it: numbers in decimal, true and false in words.
std::string scalar_text(const ScalarValue& value);

}  // namespace sirocco
