#include <algorithm>

#include <sirocco/error.hpp>

#include "config/elaborate_objects.hpp"
#include "config/elaborate_run.hpp"

namespace sirocco {
namespace {

AttrValue list_attr(const ExprValue::List& items, const AttrSpec& spec) {
  const bool ints = std::all_of(items.begin(), items.end(),
                                [](const ExprValue& item) { return item.as<int64_t>(); });
  if (ints && spec.type != SIROCCO_ATTR_FLOATS) {
    std::vector<int64_t> values;
    for (const ExprValue& item : items) values.push_back(*item.as<int64_t>());
    return values;
  }
  std::vector<double> values;
  for (const ExprValue& item : items) {
    if (!item.is_number()) {
      throw Error(ErrorKind::invalid_file, "attribute " + in_quotes(spec.name) + " has " +
                                               item.describe() + " in its list, expected numbers");
    }
    const auto* integer = item.as<int64_t>();
    values.push_back(integer ? static_cast<double>(*integer) : *item.as<double>());
  }
  return values;
}

}  // namespace

AttrValue to_attr(const ExprValue& value, const AttrSpec& spec) {
  if (value.is_null()) return std::monostate{};
  if (const auto* flag = value.as<bool>()) return *flag;
  if (const auto* integer = value.as<int64_t>()) return *integer;
  if (const auto* number = value.as<double>()) return *number;
  if (const auto* text = value.as<std::string>()) return *text;
  if (const auto* items = value.as<ExprValue::List>()) return list_attr(*items, spec);
  if (const auto* state = value.object<StateObject>()) return state->ref;
  throw Error(ErrorKind::invalid_file,
              "attribute " + in_quotes(spec.name) + " is " + value.describe() +
                  ", expected a value that is known when the graph is built (" + spec.doc + ")");
}

ExprValue from_attr(const AttrValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* state = std::get_if<StateRef>(&value)) return make_object<StateObject>(*state);
  ExprValue::List items;
  if (const auto* ints = std::get_if<std::vector<int64_t>>(&value)) {
    for (const int64_t item : *ints) items.emplace_back(item);
    return items;
  }
  if (const auto* floats = std::get_if<std::vector<double>>(&value)) {
    for (const double item : *floats) items.emplace_back(item);
    return items;
  }
  return {};
}

}  // namespace sirocco
