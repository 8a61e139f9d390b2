#include "config/expression_value.hpp"

#include <charconv>

#include "config/node.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace {

std::string float_text(double value) {
  char buffer[40];
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
  // So that it reads back as a float.
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

ExprValue ExprObject::at(int64_t, const Place& place, ExprBudget&) const {
  fail_at(place, describe() + " with an index, expected a list");
}

bool ExprValue::operator==(const ExprValue& other) const {
  if (is_number() && other.is_number()) return wide_number(*this) == wide_number(other);
  return data == other.data;
}

long double wide_number(const ExprValue& value) {
  if (const auto* integer = value.as<int64_t>()) return static_cast<long double>(*integer);
  return static_cast<long double>(*value.as<double>());
}

std::string ExprValue::describe() const {
  if (is_null()) return "null";
  if (as<bool>()) return "the boolean " + to_string();
  if (as<int64_t>()) return "the integer " + to_string();
  if (as<double>()) return "the number " + to_string();
  if (const auto* text = as<std::string>()) return "the string " + in_quotes(*text);
  if (as<List>()) return "a list";
  return std::get<Object>(data)->describe();
}

std::string ExprValue::to_string() const {
  if (is_null()) return "null";
  if (const auto* flag = as<bool>()) return *flag ? "true" : "false";
  if (const auto* integer = as<int64_t>()) return std::to_string(*integer);
  if (const auto* number = as<double>()) return float_text(*number);
  if (const auto* text = as<std::string>()) return "'" + *text + "'";
  const auto* list = as<List>();
  if (list == nullptr) return std::get<Object>(data)->describe();
  std::string text = "[";
  for (const ExprValue& item : *list) text += (text.size() > 1 ? ", " : "") + item.to_string();
  return text + "]";
}

}  // namespace sirocco
