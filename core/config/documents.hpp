#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/deployment_document.hpp"
#include "config/model_document.hpp"
#include "config/policy_document.hpp"
#include "config/template_document.hpp"
#include "config/topology_document.hpp"

namespace sirocco {

enum class DocumentKind { topology, model, deployment, policy, chat_template };

/// "topology", …
const char* kind_name(DocumentKind kind);
/// All kinds, in the order above.
const std::vector<DocumentKind>& document_kinds();

/// Where documents named without a path are looked for.
struct ConfigPath {
  /// Folders with topologies/, models/, policies/, … in them, in order.
  std::vector<std::filesystem::path> roots;

  /// SIROCCO_CONFIG_PATH (colon-separated), then the installation's folder beside this program.
  static ConfigPath standard();
};

/// The kind that a document states in `sirocco: <kind>/1`. Throws Error(invalid_file) where it
/// states none, an unknown one, or a version other than 1.
DocumentKind document_kind(const YamlNode& root);

/// The file of a document that another one names: a path (it holds '/' or ends in .yaml or .yml)
/// relative to the folder of `from.file`, else `<name>.yaml` in that folder, in the folder of that
/// kind beside it, and in the config path. Throws Error(invalid_file) at `from` with what was
/// tried.
std::filesystem::path find_document(DocumentKind kind, const std::string& name, const Place& from,
                                    const ConfigPath& config);

/// Each reads a file of its kind, applies `extends` (a chain of at most 8), validates and types it.
/// Throws Error(invalid_file), one line a problem, each with its place.
TopologyDocument read_topology(const std::filesystem::path& file,
                               const ConfigPath& config = ConfigPath::standard());
ModelDocument read_model(const std::filesystem::path& file,
                         const ConfigPath& config = ConfigPath::standard());
DeploymentDocument read_deployment(const std::filesystem::path& file);
PolicyDocument read_policy(const std::filesystem::path& file);
TemplateDocument read_template(const std::filesystem::path& file,
                               const ConfigPath& config = ConfigPath::standard());
/// The files of all templates on the config path, sorted by name; the first of a name wins.
std::vector<std::filesystem::path> list_templates(const ConfigPath& config);

/// As above, of trees already read (`extends` still to apply).
TopologyDocument to_topology(YamlNode root, const ConfigPath& config = ConfigPath::standard());
ModelDocument to_model(YamlNode root, const ConfigPath& config = ConfigPath::standard());
DeploymentDocument to_deployment(YamlNode root);
PolicyDocument to_policy(YamlNode root);
TemplateDocument to_template(YamlNode root, const ConfigPath& config = ConfigPath::standard());

}  // namespace sirocco
