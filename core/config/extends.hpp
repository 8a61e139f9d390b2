#pragma once

#include <vector>

#include "config/diagnostic.hpp"
#include "config/documents.hpp"

namespace sirocco {

/// A document's tree with what it extends merged in, valid by its kind's table unless there are
/// diagnostics. Nodes keep the places, and so the files, in which they were written.
struct MergedTree {
  YamlNode root;
  std::vector<Diagnostic> diagnostics;
};

/// Checks a document's kind and table and merges `extends`: the document's maps override key by key
/// (null removes one), anything else replaces. Throws Error(invalid_file) for another kind than
/// `kind`, a missing file, a cycle, or a chain of more than 8.
MergedTree apply_extends(YamlNode root, DocumentKind kind, const ConfigPath& config);

}  // namespace sirocco
