#include "config/documents.hpp"

#include <cstdlib>
#include <map>

#include <sirocco/version.hpp>

#include "config/document_reader.hpp"
#include "config/extends.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace fs = std::filesystem;
namespace {

bool is_path(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(".yaml") || name.ends_with(".yml");
}

/// "topologies", …: the folder of a kind.
std::string folder_of(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::topology:
      return "topologies";
    case DocumentKind::policy:
      return "policies";
    default:
      return std::string(kind_name(kind)) + "s";
  }
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  return names;
}

/// The folder of the running program's prefix with the installed configs.
fs::path installed_configs() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  // bin/ is one level below the prefix, libexec/sirocco/ and a build tree's tests/bin/ two.
  for (fs::path prefix = program.parent_path().parent_path(); prefix.has_relative_path();
       prefix = prefix.parent_path()) {
    const fs::path configs = prefix / kInstallConfigDir;
    if (fs::is_directory(configs, error)) return configs;
    if (prefix == program.parent_path().parent_path().parent_path()) break;
  }
  return {};
}

template <typename Document>
Document finish(Read<Document> read) {
  throw_if_any(std::move(read.diagnostics));
  return std::move(read.document);
}

}  // namespace

const char* kind_name(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::topology:
      return "topology";
    case DocumentKind::model:
      return "model";
    case DocumentKind::deployment:
      return "deployment";
    case DocumentKind::policy:
      return "policy";
    case DocumentKind::chat_template:
      break;
  }
  return "template";
}

const std::vector<DocumentKind>& document_kinds() {
  static const std::vector<DocumentKind> kinds = {DocumentKind::topology, DocumentKind::model,
                                                  DocumentKind::deployment, DocumentKind::policy,
                                                  DocumentKind::chat_template};
  return kinds;
}

ConfigPath ConfigPath::standard() {
  ConfigPath path;
  const char* variable = std::getenv("SIROCCO_CONFIG_PATH");
  std::string rest = variable == nullptr ? "" : variable;
  while (!rest.empty()) {
    const size_t colon = rest.find(':');
    if (colon != 0) path.roots.emplace_back(rest.substr(0, colon));
    rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
  }
  const fs::path installed = installed_configs();
  if (!installed.empty()) path.roots.push_back(installed);
  return path;
}

DocumentKind document_kind(const YamlNode& root) {
  std::vector<std::string> known, names;
  for (const DocumentKind kind : document_kinds()) {
    names.push_back(kind_name(kind));
    known.push_back(names.back() + "/1");
  }
  const std::string expected =
      "expected one that starts with 'sirocco: <kind>/1', a kind of " + one_of(names);
  if (!root.is_map()) {
    fail_at(root.place, "this is no document of Sirocco, " + expected);
  }
  const YamlNode* stated = root.find("sirocco");
  if (stated == nullptr) {
    fail_at(root.place, "this document does not state its kind, " + expected);
  }
  for (const DocumentKind kind : document_kinds()) {
    const std::string name = kind_name(kind);
    if (stated->scalar == name + "/1") return kind;
    if (stated->scalar == name || stated->scalar.starts_with(name + "/")) {
      fail_at(stated->place, in_quotes(stated->scalar) +
                                 " for 'sirocco', expected version 1: " + in_quotes(name + "/1"));
    }
  }
  fail_at(stated->place, in_quotes(stated->scalar) + " for 'sirocco', expected " + one_of(known) +
                             did_you_mean(stated->scalar, known));
}

fs::path find_document(DocumentKind kind, const std::string& name, const Place& from,
                       const ConfigPath& config) {
  const fs::path here = fs::path(from.file).parent_path();
  std::error_code error;
  if (is_path(name)) {
    const fs::path file = here / name;
    if (!fs::exists(file, error))
      fail_at(from, "there is no file " + in_quotes(file.string(), 300));
    return file;
  }
  std::vector<fs::path> folders = {here, here / ".." / folder_of(kind)};
  for (const fs::path& root : config.roots) folders.push_back(root / folder_of(kind));
  std::vector<std::string> known;
  std::string tried;
  for (const fs::path& folder : folders) {
    const fs::path file = folder / (name + ".yaml");
    // A document may extend one of its own name that lies elsewhere.
    if (fs::is_regular_file(file, error) && !fs::equivalent(file, from.file, error)) {
      return file.lexically_normal();
    }
    for (std::string& other : names_in(folder)) known.push_back(std::move(other));
    tried +=
        (tried.empty() ? "" : ", ") + (folder.empty() ? "." : folder.lexically_normal().string());
  }
  fail_at(from, "there is no " + std::string(kind_name(kind)) + " named " + in_quotes(name) +
                    " in " + tried + did_you_mean(name, known));
}

TopologyDocument to_topology(YamlNode root, const ConfigPath& config) {
  return finish(read_topology_tree(apply_extends(std::move(root), DocumentKind::topology, config)));
}

ModelDocument to_model(YamlNode root, const ConfigPath& config) {
  return finish(
      read_model_tree(apply_extends(std::move(root), DocumentKind::model, config), config));
}

DeploymentDocument to_deployment(YamlNode root) {
  return finish(read_deployment_tree(apply_extends(std::move(root), DocumentKind::deployment, {})));
}

PolicyDocument to_policy(YamlNode root) {
  return finish(read_policy_tree(apply_extends(std::move(root), DocumentKind::policy, {})));
}

TemplateDocument to_template(YamlNode root, const ConfigPath& config) {
  return finish(
      read_template_tree(apply_extends(std::move(root), DocumentKind::chat_template, config)));
}

TopologyDocument read_topology(const fs::path& file, const ConfigPath& config) {
  return to_topology(read_yaml(file), config);
}

ModelDocument read_model(const fs::path& file, const ConfigPath& config) {
  return to_model(read_yaml(file), config);
}

DeploymentDocument read_deployment(const fs::path& file) {
  return to_deployment(read_yaml(file));
}

PolicyDocument read_policy(const fs::path& file) {
  return to_policy(read_yaml(file));
}

TemplateDocument read_template(const fs::path& file, const ConfigPath& config) {
  return to_template(read_yaml(file), config);
}

std::vector<fs::path> list_templates(const ConfigPath& config) {
  std::map<std::string, fs::path> files;
  for (const fs::path& root : config.roots) {
    const fs::path folder = root / folder_of(DocumentKind::chat_template);
    for (const std::string& name : names_in(folder)) files.emplace(name, folder / (name + ".yaml"));
  }
  std::vector<fs::path> list;
  for (const auto& [name, file] : files) list.push_back(file);
  return list;
}

}  // namespace sirocco
