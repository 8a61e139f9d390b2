#include "config/scalar.hpp"

#include <charconv>
#include <cmath>

#include "config/text.hpp"

namespace sirocco {
namespace {

enum class Form { null, boolean, integer, number, not_finite, string };

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

std::string_view skip_digits(std::string_view text) {
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
  return text;
}

std::string_view skip_sign(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return text;
}

/// [-+]? ( [0-9]+ | 0o[0-7]+ | 0x[0-9a-fA-F]+ ), the last two without a sign.
bool is_integer(std::string_view text) {
  const bool octal = text.starts_with("0o");
  if (octal || text.starts_with("0x")) {
    text.remove_prefix(2);
    const char* digits = octal ? "01234567" : "0123456789abcdefABCDEF";
    return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
  }
  text = skip_sign(text);
  return !text.empty() && skip_digits(text).empty();
}

/// [-+]? ( \.[0-9]+ | [0-9]+ ( \.[0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_number(std::string_view text) {
  text = skip_sign(text);
  const std::string_view after = skip_digits(text);
  const bool whole = after.size() < text.size();
  text = after;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    const std::string_view rest = skip_digits(text);
    if (!whole && rest.size() == text.size()) return false;
    text = rest;
  } else if (!whole) {
    return false;
  }
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text = skip_sign(text.substr(1));
  return !text.empty() && skip_digits(text).empty();
}

Form form_of(const YamlNode& node) {
  if (node.is_null()) return Form::null;
  if (node.quoted) return Form::string;
  const std::string& text = node.scalar;
  if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return Form::null;
  if (is_one_of(text, {"true", "True", "TRUE", "false", "False", "FALSE"})) return Form::boolean;
  if (is_integer(text)) return Form::integer;
  if (is_number(text)) return Form::number;
  const std::string_view unsigned_text = skip_sign(text);
  if (is_one_of(unsigned_text, {".inf", ".Inf", ".INF"})) return Form::not_finite;
  if (is_one_of(text, {".nan", ".NaN", ".NAN"})) return Form::not_finite;
  return Form::string;
}

int64_t to_integer(const YamlNode& node) {
  std::string_view text = node.scalar;
  int base = 10;
  if (text.starts_with("0o") || text.starts_with("0x")) {
    base = text[1] == 'o' ? 8 : 16;
    text.remove_prefix(2);
  } else if (text.starts_with("+")) {
    text.remove_prefix(1);
  }
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail_at(node.place, in_quotes(node.scalar) + " is beyond 64 bits");
  }
  return value;
}

double to_number(const YamlNode& node) {
  std::string_view text = node.scalar;
  if (text.starts_with("+")) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    fail_at(node.place, in_quotes(node.scalar) + " is beyond a double's range");
  }
  return value;
}

}  // namespace

ScalarValue scalar_value(const YamlNode& node) {
  if (node.is_map() || node.is_sequence()) {
    fail_at(node.place, describe_node(node) + ", expected one value");
  }
  switch (form_of(node)) {
    case Form::null:
      return std::monostate{};
    case Form::boolean:
      return node.scalar.front() == 't' || node.scalar.front() == 'T';
    case Form::integer:
      return to_integer(node);
    case Form::number:
      return to_number(node);
    case Form::not_finite:
      fail_at(node.place, in_quotes(node.scalar) + ", expected a finite number");
    case Form::string:
      break;
  }
  return node.scalar;
}

std::string describe_node(const YamlNode& node) {
  if (node.is_map()) return "a map";
  if (node.is_sequence()) return "a list";
  switch (form_of(node)) {
    case Form::null:
      return "null";
    case Form::boolean:
      return "the boolean " + node.scalar;
    case Form::integer:
      return "the integer " + in_quotes(node.scalar);
    case Form::number:
    case Form::not_finite:
      return "the number " + in_quotes(node.scalar);
    case Form::string:
      break;
  }
  return in_quotes(node.scalar);
}

}  // namespace sirocco
