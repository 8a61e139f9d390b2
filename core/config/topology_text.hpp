#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/schema.hpp"
#include "config/topology_document.hpp"

namespace sirocco {

// The small notations inside a topology's strings.

extern const schema::Format kWeightName;    ///< "layers.{i}.wq"
extern const schema::Format kSignature;     ///< "ffn(x, L)"
extern const schema::Format kRepeatHeader;  ///< "i in n_layers, L = layers.{i}"

/// `node`'s text cut at the commas that are outside brackets and string literals; every part is
/// trimmed and has its own place. Parts may be empty.
std::vector<YamlNode> split_at_commas(const YamlNode& node);

/// "i in n_layers, L = layers.{i}" into `index`, `expression` (the count) and `bindings`. What is
/// wrong goes to `diagnostics`.
void parse_repeat_header(const YamlNode& header, Statement& statement,
                         std::vector<Diagnostic>& diagnostics);

/// "ffn(x, L)" into a name and arguments.
struct Signature {
  std::string name;
  std::vector<std::string> args;
};
/// Of a key that fits kSignature.
Signature parse_signature(const YamlNode& key);

/// "a, b" into names.
std::vector<std::string> parse_names(std::string_view text);

}  // namespace sirocco
