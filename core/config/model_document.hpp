#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/named.hpp"
#include "config/node.hpp"

namespace sirocco {

struct WeightsChoice {
  std::filesystem::path path;
  std::string sha256;        ///< lower case hex; empty: not checked
  std::string quantisation;  ///< scheme id; empty: as in the file
};

struct TokenizerChoice {
  std::string plugin;
  std::filesystem::path file;
};

struct AdapterChoice {
  std::string name;
  std::filesystem::path path;
  double scale = 1;
};

/// Defaults of sampling; absent ones are the verb's own.
struct GenerationDefaults {
  std::optional<int64_t> max_tokens;
  std::optional<double> temperature;
  std::optional<int64_t> top_k;
  std::optional<double> top_p;
  std::optional<double> min_p;
  std::optional<double> repetition_penalty;
  std::optional<double> frequency_penalty;
  std::optional<double> presence_penalty;
  std::optional<int64_t> seed;
  std::vector<std::string> stop;
};

/// A model as written, `extends` applied. Paths are relative to the document in which they were
/// written and are made absolute or relative to the working folder here.
struct ModelDocument {
  std::string name;
  std::string doc;
  std::filesystem::path file;
  Place place;
  /// File of the topology; absent: the one whose `matches` fit the checkpoint.
  std::optional<std::filesystem::path> topology;
  std::optional<std::filesystem::path> checkpoint;  ///< folder
  std::string layout;                               ///< empty: found out
  Named<YamlNode> params;                           ///< literals that override
  std::optional<WeightsChoice> weights;
  std::optional<TokenizerChoice> tokenizer;
  std::string chat_template;  ///< name or file; empty: none
  std::vector<AdapterChoice> adapters;
  GenerationDefaults generation;
  std::optional<int64_t> context;  ///< tokens
};

}  // namespace sirocco
