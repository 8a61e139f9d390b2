#include "graph/attrs.hpp"

#include <algorithm>
#include <charconv>

#include <sirocco/error.hpp>

#include "graph/text_distance.hpp"

namespace sirocco {
namespace {

/// By SIROCCO_ATTR_*, which is also the order of AttrValue's alternatives.
constexpr const char* kTypeNames[] = {"null",   "int",  "float",  "bool",
                                      "string", "ints", "floats", "state"};
static_assert(std::variant_size_v<AttrValue> == std::size(kTypeNames));
static_assert(std::is_same_v<std::variant_alternative_t<SIROCCO_ATTR_INT, AttrValue>, int64_t>);
static_assert(
    std::is_same_v<std::variant_alternative_t<SIROCCO_ATTR_STRING, AttrValue>, std::string>);
static_assert(std::is_same_v<std::variant_alternative_t<SIROCCO_ATTR_STATE, AttrValue>, StateRef>);

[[noreturn]] void fail(const OpDef& op, const std::string& message) {
  throw Error(ErrorKind::invalid_file, op.full_name() + ": " + message);
}

std::string float_to_string(double value) {
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return {buffer, end};
}

template <class T, class Print>
std::string list_to_string(const std::vector<T>& items, Print print) {
  std::string text = "[";
  for (const T& item : items) {
    if (text.size() > 1) text += ", ";
    text += print(item);
  }
  return text + "]";
}

void check_choice(const OpDef& op, const AttrSpec& spec, const std::string& value) {
  if (spec.choices.empty()) return;
  if (std::find(spec.choices.begin(), spec.choices.end(), value) != spec.choices.end()) return;
  std::string expected;
  for (const std::string& choice : spec.choices)
    expected += (expected.empty() ? "" : ", ") + choice;
  const std::string near = nearest_name(value, spec.choices);
  fail(op, "attribute " + spec.name + " is '" + value + "', expected one of " + expected +
               (near.empty() ? "" : " (did you mean '" + near + "'?)"));
}

template <class T>
T parse_number(const std::string& text) {
  T value{};
  // from_chars takes no plus sign, YAML does.
  const bool plus = text.starts_with('+') && !text.starts_with("+-");
  const char* begin = text.data() + (plus ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size())
    throw Error(ErrorKind::invalid_file,
                "'" + text + "' is no " + (std::is_integral_v<T> ? "int" : "float"));
  return value;
}

std::string trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\n");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

template <class T>
std::vector<T> parse_list(const std::string& text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']')
    throw Error(ErrorKind::invalid_file, "'" + text + "' is no list like [1, 2]");
  const std::string body = trimmed(text.substr(1, text.size() - 2));
  std::vector<T> items;
  for (size_t begin = 0; !body.empty() && begin <= body.size();) {
    const size_t comma = std::min(body.find(',', begin), body.size());
    items.push_back(parse_number<T>(trimmed(body.substr(begin, comma - begin))));
    begin = comma + 1;
  }
  return items;
}

bool parse_bool(const std::string& text) {
  if (text == "true") return true;
  if (text == "false") return false;
  throw Error(ErrorKind::invalid_file, "'" + text + "' is neither true nor false");
}

std::string unquoted(const std::string& text) {
  const bool quoted = text.size() >= 2 && text.front() == text.back() &&
                      (text.front() == '"' || text.front() == '\'');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

const char* attr_type_name(uint32_t type) {
  return type < std::size(kTypeNames) ? kTypeNames[type] : kTypeNames[0];
}

uint32_t attr_type_of(const AttrValue& value) {
  return static_cast<uint32_t>(value.index());
}

std::string attr_to_string(const AttrValue& value) {
  switch (attr_type_of(value)) {
    case SIROCCO_ATTR_INT:
      return std::to_string(std::get<int64_t>(value));
    case SIROCCO_ATTR_FLOAT:
      return float_to_string(std::get<double>(value));
    case SIROCCO_ATTR_BOOL:
      return std::get<bool>(value) ? "true" : "false";
    case SIROCCO_ATTR_STRING:
      return std::get<std::string>(value);
    case SIROCCO_ATTR_INTS:
      return list_to_string(std::get<std::vector<int64_t>>(value),
                            [](int64_t item) { return std::to_string(item); });
    case SIROCCO_ATTR_FLOATS:
      return list_to_string(std::get<std::vector<double>>(value), float_to_string);
    case SIROCCO_ATTR_STATE:
      return "state " + std::to_string(std::get<StateRef>(value).index);
    default:
      return "null";
  }
}

AttrValue coerce_attr(const OpDef& op, const AttrSpec& spec, AttrValue value) {
  uint32_t type = attr_type_of(value);
  if (type == SIROCCO_ATTR_NULL && spec.nullable) return value;
  if (spec.type == SIROCCO_ATTR_FLOAT && type == SIROCCO_ATTR_INT) {
    value = static_cast<double>(std::get<int64_t>(value));
  } else if (spec.type == SIROCCO_ATTR_FLOATS && type == SIROCCO_ATTR_INTS) {
    const auto& ints = std::get<std::vector<int64_t>>(value);
    std::vector<double> floats;
    for (const int64_t item : ints) floats.push_back(static_cast<double>(item));
    value = std::move(floats);
  }
  type = attr_type_of(value);
  if (type != spec.type)
    fail(op, "attribute " + spec.name + " is " + attr_type_name(type) + " " +
                 (type == SIROCCO_ATTR_NULL ? "" : attr_to_string(value) + " ") + "but must be " +
                 attr_type_name(spec.type) + (spec.nullable ? " or null" : ""));
  if (type == SIROCCO_ATTR_STRING) check_choice(op, spec, std::get<std::string>(value));
  return value;
}

std::vector<Attr> complete_attrs(const OpDef& op, std::vector<Attr> given) {
  std::vector<std::string> names;
  for (const AttrSpec& spec : op.attrs) names.push_back(spec.name);
  for (auto attr = given.begin(); attr != given.end(); ++attr) {
    const auto same = [&](const Attr& other) { return other.name == attr->name; };
    if (std::any_of(given.begin(), attr, same))
      fail(op, "attribute " + attr->name + " is given twice");
    if (std::find(names.begin(), names.end(), attr->name) != names.end()) continue;
    const std::string near = nearest_name(attr->name, names);
    fail(op, "unknown attribute '" + attr->name + "'" +
                 (near.empty() ? "" : " (did you mean '" + near + "'?)"));
  }
  std::vector<Attr> complete;
  for (const AttrSpec& spec : op.attrs) {
    const auto found = std::find_if(given.begin(), given.end(),
                                    [&](const Attr& attr) { return attr.name == spec.name; });
    if (found != given.end()) {
      complete.push_back({spec.name, coerce_attr(op, spec, std::move(found->value))});
    } else if (spec.fallback) {
      complete.push_back({spec.name, *spec.fallback});
    } else {
      fail(op, "attribute " + spec.name + " (" + attr_type_name(spec.type) + ": " + spec.doc +
                   ") is missing");
    }
  }
  return complete;
}

void resolve_activation_dtype(std::span<Attr> attrs, sirocco_dtype dtype) {
  for (Attr& attr : attrs) {
    auto* text = std::get_if<std::string>(&attr.value);
    if (attr.name == "dtype" && text && *text == kActivationDtype) *text = dtype_name(dtype);
  }
}

AttrValue parse_attr_text(uint32_t type, const std::string& text) {
  const std::string value = trimmed(text);
  if (value == "null" || value == "~") return std::monostate{};
  switch (type) {
    case SIROCCO_ATTR_INT:
      return parse_number<int64_t>(value);
    case SIROCCO_ATTR_FLOAT:
      return parse_number<double>(value);
    case SIROCCO_ATTR_BOOL:
      return parse_bool(value);
    case SIROCCO_ATTR_STRING:
      return unquoted(value);
    case SIROCCO_ATTR_INTS:
      return parse_list<int64_t>(value);
    case SIROCCO_ATTR_FLOATS:
      return parse_list<double>(value);
    default:
      throw Error(ErrorKind::invalid_file,
                  std::string("an attribute of type ") + attr_type_name(type) + " has no default");
  }
}

}  // namespace sirocco
