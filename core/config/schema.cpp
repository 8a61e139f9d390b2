#include "config/schema.hpp"

#include <algorithm>

#include "config/text.hpp"

namespace sirocco::schema {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool matches_identifier(std::string_view text) {
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

bool matches_identifier_list(std::string_view text) {
  while (true) {
    const size_t comma = text.find(',');
    std::string_view name = text.substr(0, comma);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!matches_identifier(name)) return false;
    if (comma == std::string_view::npos) return name.size() == text.size();
    text.remove_prefix(comma + 1);
    while (text.starts_with(' ')) text.remove_prefix(1);
  }
}

bool matches_key(std::string_view text) {
  return !text.empty();
}

bool matches_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool matches_slug(std::string_view text) {
  const auto fits = [](char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '+' || c == '-';
  };
  return !text.empty() && (is_letter(text.front()) || is_digit(text.front())) &&
         std::all_of(text.begin(), text.end(), fits);
}

Type of_kind(Type::Kind kind) {
  Type type;
  type.kind = kind;
  return type;
}

std::string describe_range(const Type& type, const std::string& noun) {
  const auto text = [](double bound) {
    std::string digits = std::to_string(bound);
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.ends_with('.')) digits.pop_back();
    return digits;
  };
  // Bounds of 64 bits say nothing to a reader.
  const bool below = type.min > -9e18;
  const bool above = type.max < 9e18;
  if (below && above) return noun + " from " + text(type.min) + " to " + text(type.max);
  if (below) return noun + " of at least " + text(type.min);
  if (above) return noun + " of at most " + text(type.max);
  return noun;
}

std::string describe_any_of(const Type& type) {
  std::string out;
  for (size_t i = 0; i < type.inner.size(); ++i) {
    if (i > 0) out += i + 1 == type.inner.size() ? " or " : ", ";
    out += describe(type.inner[i]);
  }
  return out;
}

std::string describe_non_null(const Type& type) {
  if (!type.what.empty()) return type.what;
  switch (type.kind) {
    case Type::Kind::boolean:
      return "true or false";
    case Type::Kind::integer:
      return describe_range(type, "an integer");
    case Type::Kind::number:
      return describe_range(type, "a number");
    case Type::Kind::string:
      if (!type.choices.empty()) return one_of(type.choices);
      return type.format != nullptr ? type.format->what : "a string";
    case Type::Kind::scalar:
      return "a single value";
    case Type::Kind::expression:
      return "an expression";
    case Type::Kind::literal:
      return "a value or a list of values";
    case Type::Kind::list:
      return "a list";
    case Type::Kind::map:
      return "a map";
    case Type::Kind::table:
      return "a map that describes a " + type.table().name;
    case Type::Kind::any_of:
      break;
  }
  return describe_any_of(type);
}

}  // namespace

const Format kIdentifier{"a name (letters, digits and _, no digit first)",
                         "^[A-Za-z_][A-Za-z0-9_]*$", matches_identifier};
const Format kIdentifierList{"one name, or several with commas between",
                             "^[A-Za-z_][A-Za-z0-9_]*( *, *[A-Za-z_][A-Za-z0-9_]*)*$",
                             matches_identifier_list};
const Format kKey{"a name", "^[\\s\\S]+$", matches_key};
const Format kSha256{"64 lower-case hexadecimal digits", "^[0-9a-f]{64}$", matches_sha256};
const Format kSlug{"a name of letters, digits, '.', '_', '+' and '-'",
                   "^[A-Za-z0-9_][A-Za-z0-9_.+-]*$", matches_slug};

Type boolean() {
  return of_kind(Type::Kind::boolean);
}

Type integer(double min, double max) {
  Type type = of_kind(Type::Kind::integer);
  type.min = min;
  type.max = max;
  return type;
}

Type number(double min, double max) {
  Type type = of_kind(Type::Kind::number);
  type.min = min;
  type.max = max;
  return type;
}

Type number() {
  return of_kind(Type::Kind::number);
}

Type string() {
  return of_kind(Type::Kind::string);
}

Type string(const Format& format) {
  Type type = string();
  type.format = &format;
  return type;
}

Type choice(std::vector<std::string> choices) {
  Type type = string();
  type.choices = std::move(choices);
  return type;
}

Type scalar() {
  return of_kind(Type::Kind::scalar);
}
Type expression() {
  return of_kind(Type::Kind::expression);
}
Type literal() {
  return of_kind(Type::Kind::literal);
}

Type list_of(Type item, size_t min_items) {
  Type type = of_kind(Type::Kind::list);
  type.inner.push_back(std::move(item));
  type.min_items = min_items;
  return type;
}

Type map_of(const Format& keys, Type value) {
  Type type = of_kind(Type::Kind::map);
  type.format = &keys;
  type.inner.push_back(std::move(value));
  return type;
}

Type merged(Type map) {
  map.merges = true;
  return map;
}

Type table(TableRef ref) {
  Type type = of_kind(Type::Kind::table);
  type.table = ref;
  return type;
}

Type any_of(std::vector<Type> alternatives) {
  Type type = of_kind(Type::Kind::any_of);
  type.inner = std::move(alternatives);
  return type;
}

Type nullable(Type type) {
  type.nullable = true;
  return type;
}

std::string describe(const Type& type) {
  return describe_non_null(type) + (type.nullable ? " or null" : "");
}

}  // namespace sirocco::schema
