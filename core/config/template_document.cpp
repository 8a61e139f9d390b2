#include "config/template_document.hpp"

#include <algorithm>

#include "config/document_reader.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace {

/// Reads pieces, with what the table cannot say: names of conditions and fields.
class PieceReader {
 public:
  explicit PieceReader(std::vector<Diagnostic>& diagnostics) : diagnostics_(diagnostics) {}

  std::vector<TemplatePiece> list(const YamlNode* node) {
    std::vector<TemplatePiece> pieces;
    if (node == nullptr) return pieces;
    for (const YamlNode& item : node->items) pieces.push_back(piece(item));
    return pieces;
  }

 private:
  TemplatePiece piece(const YamlNode& node) {
    TemplatePiece out;
    out.place = node.place;
    if (const YamlNode* when = node.find("when")) out.when = conditions(*when);
    if (const YamlNode* control = node.find("control")) {
      out.kind = TemplatePiece::Kind::control;
      out.control = control->scalar;
    } else if (const YamlNode* text = node.find("text")) {
      out.text = parts(*text);
      out.continues = text_of(node, "continues") == "true";
    } else if (const YamlNode* calls = node.find("calls")) {
      out.kind = TemplatePiece::Kind::calls;
      out.body = list(calls);
      out.between = text_of(node, "between");
    } else {
      out.kind = TemplatePiece::Kind::group;
      out.body = list(node.find("do"));
    }
    return out;
  }

  std::vector<TemplateCondition> conditions(const YamlNode& node) {
    std::vector<TemplateCondition> out;
    for (const std::string& text : texts_of(&node)) {
      const bool negated = text.starts_with("not ");
      out.push_back({negated ? text.substr(4) : text, negated});
      expect_known(node.place, out.back().name, template_conditions(), "condition");
    }
    return out;
  }

  std::vector<TemplateText> parts(const YamlNode& node) {
    std::vector<TemplateText> out;
    std::string_view rest = node.scalar;
    while (!rest.empty()) {
      const size_t begin = std::min(rest.find("${"), rest.size());
      if (begin > 0) out.push_back({std::string(rest.substr(0, begin)), "", ""});
      rest.remove_prefix(begin);
      if (rest.empty()) break;
      const size_t end = rest.find('}');
      if (end == std::string_view::npos) {
        diagnostics_.push_back({node.place, "'${' without '}', expected a field as ${content}"});
        break;
      }
      const std::string inside(rest.substr(2, end - 2));
      const size_t bar = std::min(inside.find('|'), inside.size());
      TemplateText part{"", inside.substr(0, bar), inside.substr(std::min(bar + 1, inside.size()))};
      expect_known(node.place, part.field, template_fields(), "field");
      if (bar < inside.size()) expect_known(node.place, part.as, {"string", "value"}, "form");
      out.push_back(std::move(part));
      rest.remove_prefix(end + 1);
    }
    return out;
  }

  void expect_known(const Place& place, const std::string& name,
                    const std::vector<std::string>& known, const std::string& what) {
    if (std::ranges::find(known, name) != known.end()) return;
    diagnostics_.push_back({place, "no " + what + " " + in_quotes(name) + ", expected " +
                                       one_of(known) + did_you_mean(name, known)});
  }

  std::vector<Diagnostic>& diagnostics_;
};

bool flag_of(const YamlNode& node, std::string_view key, bool fallback) {
  return text_of(node, key, fallback ? "true" : "false") == "true";
}

}  // namespace

const std::vector<std::string>& template_conditions() {
  static const std::vector<std::string> names = {"system", "tools",  "first_user", "last_user",
                                                 "last",   "prefix", "content",    "calls"};
  return names;
}

const std::vector<std::string>& template_fields() {
  static const std::vector<std::string> names = {"content",   "system", "tools",  "name",
                                                 "arguments", "id",     "prompt", "suffix"};
  return names;
}

Read<TemplateDocument> read_template_tree(const MergedTree& tree) {
  if (!tree.diagnostics.empty()) return {{}, tree.diagnostics};
  const YamlNode& root = tree.root;
  Read<TemplateDocument> read;
  TemplateDocument& out = read.document;
  PieceReader pieces(read.diagnostics);
  read_heading(root, out);
  if (const YamlNode* fits = root.find("fits")) {
    out.has = texts_of(fits->find("has"));
    out.lacks = texts_of(fits->find("lacks"));
  }
  out.join = text_of(root, "join");
  out.begins_with = text_of(root, "begins_with");
  out.call_id_length = integer_of(root, "call_id_length").value_or(0);
  out.balanced_calls = flag_of(root, "balanced_calls", false);
  out.begin = pieces.list(root.find("begin"));
  out.fim = pieces.list(root.find("fim"));
  for (const auto& [name, node] : root.find("roles")->entries) {
    TemplateRole role;
    role.then = texts_of(node.find("then"));
    role.collect = flag_of(node, "collect", false);
    role.merge = flag_of(node, "merge", false);
    role.trim_end = flag_of(node, "trim_end", false);
    role.calls_with_content = flag_of(node, "calls_with_content", true);
    role.write = pieces.list(node.find("write"));
    out.roles.emplace_back(name.scalar, std::move(role));
  }
  return read;
}

}  // namespace sirocco
