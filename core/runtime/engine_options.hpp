#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exec/options.hpp"

namespace sirocco {

/// Where plugins and deployments come from, as a command line says it.
struct EngineOptions {
  std::vector<std::filesystem::path> plugin_path;
  /// Absent: the document `default` of the config path.
  std::optional<std::filesystem::path> deployment;
  /// Replaces the deployment's list of backends, each as parse_backend() reads it; empty: as
  /// deployed.
  std::vector<std::string> backends;
  std::optional<uint32_t> threads;   ///< absent: the deployment's, else all usable processors
  std::optional<Fallback> fallback;  ///< absent: the deployment's, else `warn`
  /// Warnings, and what plugins log; level is SIROCCO_LOG_*. Empty: standard error.
  std::function<void(int32_t level, std::string_view message)> log;
};

}  // namespace sirocco
