#include "config/node.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "config/diagnostic.hpp"
#include "config/text.hpp"
#include "config/yaml_text.hpp"
#include "graph/text_distance.hpp"

namespace sirocco {
namespace {

/// What a node takes of the budget: a long scalar counts as several nodes, so that aliases of one
/// large string are bounded too.
size_t weight_of(const YamlNode& node) {
  return 1 + node.scalar.size() / 64;
}

/// Builds the tree from yaml-cpp's events. Every limit is checked as the events come, so a hostile
/// document is left before it has cost anything.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string label, const YamlLimits& limits)
      : label_(std::move(label)), limits_(limits) {
    root_.place = {label_, 1, 1};
  }

  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) {
      fail_at(place(mark), "text after the end of the document: expected one document in a file");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(node_at(YamlNode::Kind::null, mark), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // yaml-cpp says "!" for a scalar in quotes and "?" for a plain one, where no tag is written.
    if (!tag.empty() && tag != "?" && tag != "!") refuse_tag(mark, tag);
    YamlNode node = node_at(YamlNode::Kind::scalar, mark);
    node.scalar = value;
    node.quoted = tag == "!";
    add(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      fail_at(place(mark), "an alias inside the node that it names: expected no cycle");
    }
    const Anchored& target = found->second;
    check_depth(place(mark), open_.size() + target.depth);
    spend(place(mark), target.weight);
    YamlNode copy = target.node;
    copy.place = place(mark);
    attach(std::move(copy), {target.weight, target.depth});
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Size {
    size_t weight = 1;
    size_t depth = 1;
  };
  struct Anchored {
    YamlNode node;
    size_t weight = 0;
    size_t depth = 0;
  };
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    Size size;
    bool key_next = true;  ///< of a map: the next node is a key
    YamlNode key;
    std::unordered_set<std::string> keys;
  };

  Place place(const YAML::Mark& mark) const { return {label_, mark.line + 1, mark.column + 1}; }

  YamlNode node_at(YamlNode::Kind kind, const YAML::Mark& mark) const {
    YamlNode node;
    node.kind = kind;
    node.place = place(mark);
    return node;
  }

  [[noreturn]] void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    fail_at(place(mark), "tag " + in_quotes(tag) + ": expected no tags");
  }

  void spend(const Place& at, size_t weight) {
    if (weight > limits_.max_nodes - spent_) {
      fail_at(at, "more than " + std::to_string(limits_.max_nodes) +
                      " nodes once aliases are expanded: expected a smaller document");
    }
    spent_ += weight;
  }

  void check_depth(const Place& at, size_t depth) const {
    if (depth > limits_.max_depth) {
      fail_at(at, "nested more than " + std::to_string(limits_.max_depth) + " levels deep");
    }
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    if (!tag.empty() && tag != "?") refuse_tag(mark, tag);
    Open next;
    next.node = node_at(kind, mark);
    next.anchor = anchor;
    spend(next.node.place, 1);
    check_depth(next.node.place, open_.size() + 1);
    open_.push_back(std::move(next));
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    remember(done.anchor, done.node, done.size);
    attach(std::move(done.node), done.size);
  }

  void add(YamlNode node, YAML::anchor_t anchor) {
    const Size size{weight_of(node), 1};
    spend(node.place, size.weight);
    check_depth(node.place, open_.size() + 1);
    remember(anchor, node, size);
    attach(std::move(node), size);
  }

  /// Anchors keep a copy, which counts as its aliases do.
  void remember(YAML::anchor_t anchor, const YamlNode& node, const Size& size) {
    if (anchor == 0) return;
    spend(node.place, size.weight);
    anchors_[anchor] = {node, size.weight, size.depth};
  }

  void attach(YamlNode node, const Size& size) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    parent.size.weight += size.weight;
    parent.size.depth = std::max(parent.size.depth, size.depth + 1);
    if (parent.node.is_sequence()) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.key_next) {
      take_key(parent, std::move(node));
    } else {
      parent.node.entries.emplace_back(std::move(parent.key), std::move(node));
      parent.key_next = true;
    }
  }

  static void take_key(Open& parent, YamlNode node) {
    if (!node.is_scalar()) fail_at(node.place, "a key that is no scalar: expected a name");
    if (node.scalar == "<<" && !node.quoted) {
      fail_at(node.place, "merge key '<<': expected the keys written out");
    }
    if (!parent.keys.insert(node.scalar).second) {
      const YamlNode* first = nullptr;
      for (const auto& [key, value] : parent.node.entries) {
        if (key.scalar == node.scalar) first = &key;
      }
      const std::string where =
          first == nullptr ? ""
                           : " (first given in line " + std::to_string(first->place.line) + ")";
      fail_at(node.place, "key " + in_quotes(node.scalar) + " is given twice" + where);
    }
    parent.key = std::move(node);
    parent.key_next = false;
  }

  std::string label_;
  YamlLimits limits_;
  YamlNode root_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;
  size_t spent_ = 0;
  int documents_ = 0;
};

std::string read_bytes(const std::filesystem::path& file, uint64_t max_bytes) {
  namespace fs = std::filesystem;
  const Place place{file.string(), 0, 0};
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found) fail_at(place, "no such file");
  if (error) fail_at(place, "cannot be read: " + error.message());
  if (fs::is_directory(status)) fail_at(place, "is a folder: expected a YAML file");
  // A pipe or device could block or never end.
  if (!fs::is_regular_file(status)) fail_at(place, "is no regular file: expected a YAML file");
  std::ifstream in(file, std::ios::binary);
  const uint64_t size = fs::file_size(file, error);
  if (!in || error) fail_at(place, "cannot be opened for reading");
  const std::string too_large = "larger than " + std::to_string(max_bytes) +
                                " bytes: expected a document, so it was not read";
  if (size > max_bytes) fail_at(place, too_large);
  std::string text(max_bytes + 1, '\0');  // one more: the file may have grown meanwhile
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) fail_at(place, "cannot be read");
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() > max_bytes) fail_at(place, too_large);
  return text;
}

/// What most often causes yaml-cpp's message.
const char* hint(const YAML::Exception& error) {
  return error.msg == "illegal map value" ? " (a value with ': ' in it needs quotes)" : "";
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name.scalar == key) return &value;
  }
  return nullptr;
}

YamlNode read_yaml(const std::filesystem::path& file, const YamlLimits& limits) {
  return parse_yaml(read_bytes(file, limits.max_bytes), file.string(), limits);
}

YamlNode parse_yaml(std::string_view text, const std::string& label, const YamlLimits& limits) {
  if (text.size() > limits.max_bytes) {
    fail_at({label, 0, 0}, "larger than " + std::to_string(limits.max_bytes) + " bytes");
  }
  check_yaml_text(text, label);
  TreeBuilder builder(label, limits);
  std::istringstream in{std::string(text)};
  try {
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    fail_at({label, error.mark.line + 1, error.mark.column + 1},
            "not YAML: " + error.msg + hint(error));
  }
  return builder.take_root();
}

void fail_at(const Place& place, const std::string& what) {
  throw DocumentError({{place, what}});
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  // Nobody's names are that long or that many; a hostile document's are.
  constexpr size_t kMaxLength = 64;
  constexpr size_t kMaxKnown = 200;
  if (name.size() > kMaxLength) return "";
  const std::vector<std::string> first(known.begin(),
                                       known.begin() + std::min(known.size(), kMaxKnown));
  const std::string nearest = nearest_name(name, first);
  return nearest.empty() ? "" : " (did you mean " + in_quotes(nearest) + "?)";
}

}  // namespace sirocco
