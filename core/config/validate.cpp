#include "config/validate.hpp"

#include "config/document_reader.hpp"
#include "config/elaborate.hpp"

namespace sirocco {
namespace {

std::vector<Diagnostic> check(YamlNode root, const ConfigPath& config) {
  const DocumentKind kind = document_kind(root);
  const MergedTree tree = apply_extends(std::move(root), kind, config);
  switch (kind) {
    case DocumentKind::topology: {
      const Read<TopologyDocument> read = read_topology_tree(tree);
      return read.diagnostics.empty() ? check_topology(read.document) : read.diagnostics;
    }
    case DocumentKind::model: {
      Read<ModelDocument> read = read_model_tree(tree, config);
      if (!read.diagnostics.empty() || !read.document.topology) return read.diagnostics;
      return validate_document(*read.document.topology, config);
    }
    case DocumentKind::deployment:
      return read_deployment_tree(tree).diagnostics;
    case DocumentKind::policy:
      return read_policy_tree(tree).diagnostics;
    case DocumentKind::chat_template:
      break;
  }
  return read_template_tree(tree).diagnostics;
}

/// Runs `body`; what it throws becomes diagnostics.
template <typename Body>
std::vector<Diagnostic> collect(Body body) {
  std::vector<Diagnostic> diagnostics;
  try {
    diagnostics = body();
  } catch (const DocumentError& error) {
    diagnostics = error.diagnostics();
  }
  sort_diagnostics(diagnostics);
  return diagnostics;
}

}  // namespace

std::vector<Diagnostic> validate_tree(YamlNode root, const ConfigPath& config) {
  return collect([&] { return check(std::move(root), config); });
}

std::vector<Diagnostic> validate_document(const std::filesystem::path& file,
                                          const ConfigPath& config) {
  return collect([&] { return check(read_yaml(file), config); });
}

}  // namespace sirocco
