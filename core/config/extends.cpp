#include "config/extends.hpp"

#include <algorithm>
#include <unordered_map>

#include "config/documents_schema.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMaxChain = 8;

/// Sets keys of a map in its order; new ones go to the end.
class MapWriter {
 public:
  explicit MapWriter(YamlNode& map) : map_(map) {
    for (size_t i = 0; i < map.entries.size(); ++i) index_.emplace(map.entries[i].first.scalar, i);
  }

  void set(YamlNode key, YamlNode value) {
    const auto [found, added] = index_.emplace(key.scalar, map_.entries.size());
    if (added) {
      map_.entries.emplace_back(std::move(key), std::move(value));
    } else {
      map_.entries[found->second] = {std::move(key), std::move(value)};
    }
  }

 private:
  YamlNode& map_;
  std::unordered_map<std::string, size_t> index_;
};

void remove_nulls(YamlNode& map) {
  std::erase_if(map.entries, [](const auto& entry) { return entry.second.is_null(); });
}

const schema::Key* find_key(const schema::Table& table, const std::string& name) {
  for (const schema::Key& key : table.keys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

YamlNode merge_by_key(YamlNode parent, YamlNode child) {
  MapWriter writer(parent);
  for (auto& [name, item] : child.entries) writer.set(std::move(name), std::move(item));
  remove_nulls(parent);
  parent.place = child.place;
  return parent;
}

/// `child` over `parent`.
YamlNode merge(YamlNode parent, YamlNode child, const schema::Table& table) {
  MapWriter writer(parent);
  for (auto& [key, value] : child.entries) {
    const schema::Key* known = find_key(table, key.scalar);
    const YamlNode* inherited = parent.find(key.scalar);
    if (known != nullptr && known->type.merges && inherited != nullptr && inherited->is_map() &&
        value.is_map()) {
      value = merge_by_key(*inherited, std::move(value));
    }
    writer.set(std::move(key), std::move(value));
  }
  parent.place = child.place;
  return parent;
}

void check_kind(const YamlNode& root, DocumentKind kind) {
  const DocumentKind stated = document_kind(root);
  if (stated == kind) return;
  fail_at(root.find("sirocco")->place, "this document is a " + std::string(kind_name(stated)) +
                                           ", expected a " + kind_name(kind));
}

fs::path identity(const fs::path& file) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(file, error);
  return error ? file : canonical;
}

}  // namespace

MergedTree apply_extends(YamlNode root, DocumentKind kind, const ConfigPath& config) {
  const schema::Table& table = document_table(kind);
  std::vector<YamlNode> chain;
  std::vector<fs::path> files;
  std::vector<Diagnostic> diagnostics;
  while (true) {
    check_kind(root, kind);
    files.push_back(identity(root.place.file));
    const YamlNode* extends = table.extendable ? root.find("extends") : nullptr;
    for (Diagnostic& found : schema::validate(root, table, extends != nullptr)) {
      diagnostics.push_back(std::move(found));
    }
    if (extends == nullptr || !extends->is_scalar()) break;
    if (chain.size() + 1 >= kMaxChain) {
      fail_at(extends->place,
              "'extends' goes on for more than " + std::to_string(kMaxChain) + " documents");
    }
    const fs::path file = find_document(kind, extends->scalar, extends->place, config);
    if (std::find(files.begin(), files.end(), identity(file)) != files.end()) {
      fail_at(extends->place,
              "'extends' comes back to " + in_quotes(file.string(), 300) + ", expected no cycle");
    }
    YamlNode next = read_yaml(file);
    chain.push_back(std::move(root));
    root = std::move(next);
  }
  if (!diagnostics.empty() || chain.empty()) return {std::move(root), std::move(diagnostics)};
  for (; !chain.empty(); chain.pop_back()) {
    root = merge(std::move(root), std::move(chain.back()), table);
  }
  remove_nulls(root);
  std::erase_if(root.entries, [](const auto& entry) { return entry.first.scalar == "extends"; });
  // Whether anything required is still missing.
  diagnostics = schema::validate(root, table, false);
  return {std::move(root), std::move(diagnostics)};
}

}  // namespace sirocco
