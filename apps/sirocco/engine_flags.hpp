#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "runtime/engine.hpp"

namespace sirocco::cli {

/// The flags of every verb that opens plugins or plans a model.
struct EngineFlags {
  std::vector<std::string> plugin_path;
  std::string deployment;
  std::vector<std::string> backends;
  std::string fallback;
  std::string numerics;
  std::optional<int64_t> context;
  std::optional<uint32_t> threads;

  EngineOptions engine() const;
  ModelOptions model() const;
};

void add_plugin_flags(CLI::App& verb, EngineFlags& flags);
/// The above, and those that choose backends and numerics.
void add_engine_flags(CLI::App& verb, EngineFlags& flags);

/// Plugin messages and warnings, on standard error.
void log_to_stderr(int32_t level, std::string_view message);

}  // namespace sirocco::cli
