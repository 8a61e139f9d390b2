#pragma once

#include <filesystem>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/documents.hpp"

namespace sirocco {

/// Everything that is wrong with a document of any kind, in the order of the places: its YAML, keys
/// and types, the documents that it names, and in a topology every expression and name. Empty: it
/// is valid. Never throws Error.
std::vector<Diagnostic> validate_document(const std::filesystem::path& file,
                                          const ConfigPath& config = ConfigPath::standard());

/// As above, of a tree already read.
std::vector<Diagnostic> validate_tree(YamlNode root,
                                      const ConfigPath& config = ConfigPath::standard());

}  // namespace sirocco
