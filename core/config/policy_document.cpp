#include "config/policy_document.hpp"

#include <algorithm>
#include <unordered_set>

#include "config/document_reader.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace {

/// Categories with a meaning that every moderator shares.
const std::vector<std::string>& known_categories() {
  static const std::vector<std::string> known = {"sexual",
                                                 "hate_and_discrimination",
                                                 "violence_and_threats",
                                                 "dangerous",
                                                 "criminal",
                                                 "selfharm",
                                                 "health",
                                                 "financial",
                                                 "law",
                                                 "pii",
                                                 "jailbreaking"};
  return known;
}

bool holds(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

void read_categories(const YamlNode& map, PolicyDocument& out,
                     std::vector<Diagnostic>& diagnostics) {
  for (const auto& [key, value] : map.entries) {
    CategoryRule rule{key.place, number_of(value, "threshold").value_or(0.5),
                      text_of(value, "action"), text_of(value, "doc")};
    // Else a misspelt category would be one that no moderator ever finds.
    if (!holds(known_categories(), key.scalar) && rule.doc.empty()) {
      diagnostics.push_back({key.place, "unknown category " + in_quotes(key.scalar) +
                                            ", expected 'doc' for a category of your own" +
                                            did_you_mean(key.scalar, known_categories())});
    }
    out.categories.emplace_back(key.scalar, std::move(rule));
  }
  if (out.categories.empty()) {
    diagnostics.push_back({map.place, "no category, expected at least one"});
  }
}

ModeratorChoice read_moderator(const YamlNode& item, const PolicyDocument& policy,
                               std::vector<Diagnostic>& diagnostics) {
  ModeratorChoice out;
  out.place = item.place;
  out.plugin = text_of(item, "plugin");
  out.name = text_of(item, "name", out.plugin);
  if (const YamlNode* stages = item.find("stages")) {
    const std::vector<std::string> names = texts_of(stages);
    out.prompt = holds(names, "prompt");
    out.completion = holds(names, "completion");
  }
  if (const YamlNode* categories = item.find("categories")) {
    std::vector<std::string> known;
    for (const auto& [name, rule] : policy.categories) known.push_back(name);
    for (const YamlNode& category : categories->items) {
      if (!holds(known, category.scalar)) {
        diagnostics.push_back({category.place, "unknown category " + in_quotes(category.scalar) +
                                                   ", expected one of 'categories'" +
                                                   did_you_mean(category.scalar, known)});
      }
    }
    out.categories = texts_of(categories);
  }
  out.isolation = text_of(item, "isolation", "thread");
  out.deadline_ms = integer_of(item, "deadline_ms").value_or(0);
  out.on_error = text_of(item, "on_error", policy.on_error);
  out.options = options_of(item.find("options"));
  if (const YamlNode* rules = item.find("rules")) out.rules = path_of(*rules);
  return out;
}

HoldBack read_hold_back(const YamlNode* node) {
  if (node == nullptr || node->scalar == "sentence") return {};
  if (node->is_map()) return {HoldBack::Kind::tokens, integer_of(*node, "tokens").value_or(0)};
  return {HoldBack::Kind::whole, 0};
}

}  // namespace

Read<PolicyDocument> read_policy_tree(const MergedTree& tree) {
  if (!tree.diagnostics.empty()) return {{}, tree.diagnostics};
  const YamlNode& root = tree.root;
  Read<PolicyDocument> read;
  PolicyDocument& out = read.document;
  read_heading(root, out);
  out.on_error = text_of(root, "on_error", "block");
  out.hold_back = read_hold_back(root.find("hold_back"));
  read_categories(*root.find("categories"), out, read.diagnostics);
  std::unordered_set<std::string> names;
  for (const YamlNode& item : root.find("moderators")->items) {
    out.moderators.push_back(read_moderator(item, out, read.diagnostics));
    if (!names.insert(out.moderators.back().name).second) {
      read.diagnostics.push_back({item.place, "a second moderator named " +
                                                  in_quotes(out.moderators.back().name) +
                                                  ", expected another 'name'"});
    }
  }
  return read;
}

}  // namespace sirocco
