#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/checkpoint_weights.hpp"
#include "config/documents.hpp"
#include "config/resolve_params.hpp"

namespace sirocco {

struct ResolveOptions {
  ConfigPath config = ConfigPath::standard();
  /// Values of params that override the model document's and the checkpoint's; literals.
  Named<YamlNode> params = {};
};

/// A param that no file gave and a topology's `matches` knew.
struct Pin {
  std::string param;
  std::string value;
  std::string why;
};

/// A topology with everything that makes it one model. Hold it where it stays: graphs are built
/// from it, and tensors' data live in it.
struct ResolvedModel {
  std::string name;
  std::filesystem::path directory;  ///< of the checkpoint; empty where there is none
  TopologyDocument topology;
  std::optional<ModelDocument> document;
  std::string layout;
  ParamTable params;
  std::vector<Pin> pins;
  std::vector<std::string> notes;  ///< choices that were made, for reports
  std::shared_ptr<const WeightSource> weights;
  std::optional<TokenizerChoice> tokenizer;
  std::optional<int64_t> context;  ///< tokens a sequence may hold; absent: the model does not say
  sirocco_dtype checkpoint_dtype = SIROCCO_DTYPE_F32;  ///< the float dtype of most weight bytes
};

/// Reads a model document, or makes a model of a checkpoint folder: its topology is the one whose
/// `matches` fit. Opens the weights, which maps them and reads no data. Throws Error(invalid_file)
/// for anything that is missing or does not fit, with what was tried.
std::shared_ptr<const ResolvedModel> resolve_model(const std::filesystem::path& model,
                                                   const ResolveOptions& options = {});

}  // namespace sirocco
