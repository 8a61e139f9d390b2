#include "config/topology_text.hpp"

#include <algorithm>

#include "config/text.hpp"

namespace sirocco {
namespace {

constexpr size_t kMaxWeightName = 256;
/// Of one text; what is beyond stays in the last part.
constexpr size_t kMaxParts = 1000;

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \n");
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(" \n") - first + 1);
}

bool is_identifier(std::string_view text) {
  return schema::kIdentifier.matches(text);
}

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool matches_weight_name(std::string_view text) {
  if (text.size() > kMaxWeightName) return false;
  for (bool first = true;; first = false) {
    const size_t dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    const bool index = part.starts_with('{') && part.ends_with('}') && part.size() > 2 &&
                       is_identifier(part.substr(1, part.size() - 2));
    if (!(first ? is_identifier(part) : index || is_word(part))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool matches_signature(std::string_view text) {
  const size_t open = text.find('(');
  if (open == std::string_view::npos || !text.ends_with(')')) return false;
  const std::string_view args = trim(text.substr(open + 1, text.size() - open - 2));
  return is_identifier(text.substr(0, open)) &&
         (args.empty() || schema::kIdentifierList.matches(args));
}

/// Only the start is checked here; parse_repeat_header says what is wrong with the rest.
bool matches_repeat_header(std::string_view text) {
  const size_t in = text.find(" in ");
  return in != std::string_view::npos && is_identifier(trim(text.substr(0, in))) &&
         !trim(text.substr(in + 4)).empty();
}

/// The part of `node`'s text, trimmed, at its place (right where the scalar is written in one
/// line).
YamlNode part_of(const YamlNode& node, size_t begin, size_t end) {
  const std::string_view text = std::string_view(node.scalar).substr(begin, end - begin);
  const std::string_view part = trim(text);
  YamlNode out;
  out.kind = YamlNode::Kind::scalar;
  out.place = node.place;
  const auto offset = static_cast<size_t>(part.data() - node.scalar.data());
  if (!part.empty()) out.place.column += static_cast<int>(offset) + (node.quoted ? 1 : 0);
  out.scalar = part;
  out.quoted = node.quoted;
  return out;
}

}  // namespace

const schema::Format kWeightName{
    "a name such as 'layers.{i}.wq'",
    "^[A-Za-z_][A-Za-z0-9_]*(\\.([A-Za-z0-9_]+|\\{[A-Za-z_][A-Za-z0-9_]*\\}))*$",
    matches_weight_name};
const schema::Format kSignature{
    "a signature such as 'ffn(x, L)'",
    "^[A-Za-z_][A-Za-z0-9_]*\\( *([A-Za-z_][A-Za-z0-9_]*( *, *[A-Za-z_][A-Za-z0-9_]*)*)? *\\)$",
    matches_signature};
const schema::Format kRepeatHeader{"'index in count', such as 'i in n_layers, L = layers.{i}'",
                                   "^ *[A-Za-z_][A-Za-z0-9_]* +in +[\\s\\S]*$",
                                   matches_repeat_header};

std::vector<YamlNode> split_at_commas(const YamlNode& node) {
  std::vector<YamlNode> parts;
  size_t begin = 0;
  int depth = 0;
  char quote = 0;
  const std::string& text = node.scalar;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if (c == ')' || c == ']' || c == '}') {
      --depth;
    } else if (c == ',' && depth <= 0 && parts.size() < kMaxParts) {
      parts.push_back(part_of(node, begin, at));
      begin = at + 1;
    }
  }
  parts.push_back(part_of(node, begin, text.size()));
  return parts;
}

void parse_repeat_header(const YamlNode& header, Statement& statement,
                         std::vector<Diagnostic>& diagnostics) {
  const std::vector<YamlNode> parts = split_at_commas(header);
  const YamlNode& first = parts.front();
  if (!matches_repeat_header(first.scalar)) {
    diagnostics.push_back(
        {header.place, in_quotes(header.scalar) + " for 'repeat', expected " + kRepeatHeader.what});
    return;
  }
  const size_t in = first.scalar.find(" in ");
  statement.index = trim(std::string_view(first.scalar).substr(0, in));
  statement.expression = part_of(first, in + 4, first.scalar.size());
  // part_of() has counted the quote twice.
  if (first.quoted) --statement.expression.place.column;
  for (size_t i = 1; i < parts.size(); ++i) {
    const YamlNode& part = parts[i];
    const size_t equals = part.scalar.find('=');
    const std::string_view text = part.scalar;
    const std::string_view name = trim(text.substr(0, equals));
    const std::string_view value =
        equals == std::string_view::npos ? "" : trim(text.substr(equals + 1));
    if (!is_identifier(name) || !matches_weight_name(value)) {
      diagnostics.push_back({part.place, in_quotes(text) + " in 'repeat', expected a name and a "
                                                           "prefix of weights: 'L = layers.{i}'"});
      continue;
    }
    YamlNode bound = part;
    bound.scalar = value;
    statement.bindings.push_back({std::string(name), std::move(bound)});
  }
}

Signature parse_signature(const YamlNode& key) {
  const std::string_view text = key.scalar;
  const size_t open = text.find('(');
  const std::string_view args = trim(text.substr(open + 1, text.size() - open - 2));
  return {std::string(text.substr(0, open)),
          args.empty() ? std::vector<std::string>{} : parse_names(args)};
}

std::vector<std::string> parse_names(std::string_view text) {
  std::vector<std::string> names;
  while (true) {
    const size_t comma = text.find(',');
    names.emplace_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return names;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace sirocco
