#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/documents.hpp"
#include "config/extends.hpp"

namespace sirocco {

/// A document and what is wrong with it; the document is whole only where nothing is.
template <typename Document>
struct Read {
  Document document;
  std::vector<Diagnostic> diagnostics;
};

// Each types a merged tree and checks what the tables cannot say: references between keys and the
// small notations. A tree that breaks its table is not looked at further.
Read<TopologyDocument> read_topology_tree(const MergedTree& tree);
Read<ModelDocument> read_model_tree(const MergedTree& tree, const ConfigPath& config);
Read<DeploymentDocument> read_deployment_tree(const MergedTree& tree);
Read<PolicyDocument> read_policy_tree(const MergedTree& tree);
Read<TemplateDocument> read_template_tree(const MergedTree& tree);

/// Statements of a list that fits statements_type(); problems go to `diagnostics`.
std::vector<Statement> read_statement_list(const YamlNode& list, bool function,
                                           std::vector<Diagnostic>& diagnostics);

// Values of a map whose types have been checked; the fallback where the key is absent.
std::string text_of(const YamlNode& map, std::string_view key, std::string fallback = "");
std::optional<int64_t> integer_of(const YamlNode& map, std::string_view key);
std::optional<double> number_of(const YamlNode& map, std::string_view key);
std::optional<YamlNode> node_of(const YamlNode& map, std::string_view key);
/// The strings of a list, or one string alone.
std::vector<std::string> texts_of(const YamlNode* node);
Named<ScalarValue> options_of(const YamlNode* node);
/// A path as the document means it: relative to the folder of the file it was written in.
std::filesystem::path path_of(const YamlNode& node);

/// name, doc, file and place; without a name the file's stem.
template <typename Document>
void read_heading(const YamlNode& root, Document& document) {
  document.file = root.place.file;
  document.place = root.place;
  document.name = text_of(root, "name", document.file.stem().string());
  document.doc = text_of(root, "doc");
}

}  // namespace sirocco
