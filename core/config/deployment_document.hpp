#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/named.hpp"
#include "config/node.hpp"
#include "config/scalar.hpp"

namespace sirocco {

struct BackendChoice {
  Place place;
  std::string name;    ///< of the plugin (or its alias)
  int64_t device = 0;  ///< index among the backend's devices
  Named<ScalarValue> options;
};

/// Nodes that must run on one backend: all given criteria hold, and the first rule that fits
/// decides.
struct PlacementChoice {
  Place place;
  std::vector<int> layers;         ///< written out; empty: any
  std::vector<std::string> ops;    ///< empty: any
  std::vector<std::string> nodes;  ///< globs over node paths; empty: any
  std::string backend;
};

struct DeploymentLimits {
  std::optional<int64_t> max_tokens_per_step;
  std::optional<int64_t> max_seqs;
  std::optional<int64_t> max_rows;
  std::optional<int64_t> context;  ///< tokens of a sequence
  std::optional<int64_t> page_tokens;
};

struct ServerChoice {
  std::string host = "127.0.0.1";
  int64_t port = 8080;
};

struct DeploymentDocument {
  std::string name;
  std::string doc;
  std::filesystem::path file;
  Place place;
  std::vector<std::filesystem::path> plugin_paths;  ///< folders, in the order searched
  Named<std::filesystem::path> plugin_aliases;      ///< name to file
  std::vector<BackendChoice> backends;              ///< in order of preference; never empty
  std::vector<PlacementChoice> placement;
  std::string fallback;            ///< "forbid", "warn" or "allow"; empty: the verb's default
  std::optional<int64_t> threads;  ///< absent: as many as the machine has (`auto`)
  std::optional<uint64_t> memory_budget;  ///< bytes
  std::string numerics;                   ///< "f32", "bf16" or "f16"; empty: the checkpoint's dtype
  DeploymentLimits limits;
  ServerChoice server;
};

/// Bytes of "8GiB", "512 MiB", "1000000"; nullopt where the text is none or it overflows.
std::optional<uint64_t> parse_size(std::string_view text);
/// Layers of "3", "0-3" or "0-10/2" (every second), both ends included; nullopt where the text is
/// none, the range runs backwards or goes beyond 4095.
std::optional<std::vector<int>> parse_layers(std::string_view text);

}  // namespace sirocco
