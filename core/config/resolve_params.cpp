#include "config/resolve_params.hpp"

#include <algorithm>
#include <cmath>

#include <sirocco/error.hpp>

#include "config/text.hpp"

namespace sirocco {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorKind::invalid_file, what);
}

std::string type_text(const ParamDecl& decl) {
  const char* const names[] = {"an integer", "a number", "true or false", "a string"};
  return names[static_cast<size_t>(decl.type)] + std::string(decl.nullable ? " or null" : "");
}

bool fits(const ParamDecl& decl, const ExprValue& value) {
  switch (decl.type) {
    case ParamType::integer:
      return value.as<int64_t>() != nullptr;
    case ParamType::number:
      return value.as<double>() != nullptr;
    case ParamType::boolean:
      return value.as<bool>() != nullptr;
    case ParamType::string:
      break;
  }
  return value.as<std::string>() != nullptr;
}

void check_bounds(const ParamDecl& decl, const ExprValue& value, const std::string& what) {
  if (!decl.choices.empty()) {
    std::vector<std::string> choices;
    for (const YamlNode& choice : decl.choices) {
      const ExprValue allowed = literal_value(choice);
      if (allowed == value) return;
      choices.push_back(choice.scalar);
    }
    fail(what + " is " + value.to_string() + ", expected " + one_of(choices));
  }
  if (!value.is_number()) return;
  const long double number = wide_number(value);
  if (decl.min && number < static_cast<long double>(*decl.min)) {
    fail(what + " is " + value.to_string() + ", expected at least " +
         ExprValue(*decl.min).to_string());
  }
  if (decl.max && number > static_cast<long double>(*decl.max)) {
    fail(what + " is " + value.to_string() + ", expected at most " +
         ExprValue(*decl.max).to_string());
  }
}

/// A param per layer as expressions see it.
class PerLayer : public ExprObject {
 public:
  PerLayer(const ParamTable& table, std::string name) : table_(table), name_(std::move(name)) {}
  std::string describe() const override {
    return "the param " + in_quotes(name_) + " of all layers (write " + name_ + "[i])";
  }
  ExprValue at(int64_t index, const Place&, ExprBudget& budget) const override {
    return table_.at_layer(name_, index, budget);
  }

 private:
  const ParamTable& table_;
  std::string name_;
};

}  // namespace

ExprValue check_param(const ParamDecl& decl, ExprValue value, const std::string& what) {
  if (const auto* list = value.as<ExprValue::List>(); list != nullptr && decl.per_layer) {
    if (list->empty()) fail(what + " is an empty list, expected a value for each layer");
    ExprValue::List items;
    for (const ExprValue& item : *list) {
      if (item.as<ExprValue::List>()) fail(what + " has a list in its list, expected values");
      items.push_back(check_param(decl, item, what));
    }
    return items;
  }
  if (value.is_null() && decl.nullable) return value;
  if (decl.type == ParamType::number && value.as<int64_t>() != nullptr) {
    value = static_cast<double>(*value.as<int64_t>());
  }
  if (!fits(decl, value)) {
    fail(what + " is " + value.describe() + ", expected " + type_text(decl) +
         (decl.per_layer ? ", or a list of them" : ""));
  }
  if (const auto* number = value.as<double>(); number != nullptr && !std::isfinite(*number)) {
    fail(what + " is not finite");
  }
  check_bounds(decl, value, what);
  return value;
}

ParamTable::ParamTable(const TopologyDocument& topology,
                       const std::map<std::string, GivenParam>& given) {
  std::map<std::string, Expression> expressions;
  for (const auto& [name, decl] : topology.params) {
    Entry entry{
        .name = name, .decl = decl, .origin = {}, .where = {}, .value = {}, .expression = {}};
    const auto found = given.find(name);
    if (found != given.end()) {
      entry.origin = found->second.origin;
      entry.where = found->second.where;
      entry.value = checked(entry, found->second.value);
    } else if (decl.value || decl.fallback) {
      const YamlNode& node = decl.value ? *decl.value : *decl.fallback;
      entry.origin = decl.value ? "computed" : "default";
      entry.where = node.place.to_string();
      entry.expression = parse_expression(node);
      expressions.emplace(name, *entry.expression);
    } else {
      fail_at(decl.place, "param " + in_quotes(name) + " has no value");
    }
    index_.emplace(name, entries_.size());
    entries_.push_back(std::move(entry));
  }
  if (const auto cycle = find_param_cycle(expressions)) throw_if_any({*cycle});
  ExprBudget budget;
  for (const Entry& entry : entries_) find(entry.name, budget);
}

const ParamTable::Entry* ParamTable::entry(const std::string& name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &entries_[found->second];
}

ExprValue ParamTable::checked(const Entry& entry, ExprValue value) const {
  return check_param(entry.decl, std::move(value),
                     entry.where + ": param " + in_quotes(entry.name));
}

ExprValue ParamTable::evaluate_entry(const Entry& entry, std::optional<int64_t> layer,
                                     ExprBudget& budget) const {
  std::map<std::string, int64_t> indices;
  if (layer) indices.emplace("i", *layer);
  ParamScope scope(*this, budget, std::move(indices));
  return checked(entry, evaluate(*entry.expression, scope, budget));
}

std::optional<ExprValue> ParamTable::find(const std::string& name, ExprBudget& budget) const {
  const Entry* found = entry(name);
  if (found == nullptr) return std::nullopt;
  if (found->decl.per_layer) {
    return ExprValue(ExprValue::Object(std::make_shared<PerLayer>(*this, name)));
  }
  if (!found->value) found->value = evaluate_entry(*found, std::nullopt, budget);
  return found->value;
}

std::optional<ExprValue> ParamTable::find(const std::string& name) const {
  ExprBudget budget;
  return find(name, budget);
}

ExprValue ParamTable::at_layer(const std::string& name, int64_t layer, ExprBudget& budget) const {
  const Entry* found = entry(name);
  if (found == nullptr) fail("there is no param " + in_quotes(name));
  ExprValue value = found->value ? *found->value : evaluate_entry(*found, layer, budget);
  const auto* list = value.as<ExprValue::List>();
  if (list == nullptr) return value;
  return ExprValue((*list)[static_cast<size_t>(layer) % list->size()]);
}

std::vector<std::string> ParamTable::names() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) names.push_back(entry.name);
  return names;
}

std::vector<ParamTable::Line> ParamTable::list() const {
  std::vector<Line> lines;
  for (const Entry& entry : entries_) {
    Line line{entry.name, "", entry.origin};
    if (entry.value) {
      line.value = entry.value->to_string();
    } else {
      // What is worked out layer by layer is shown as it is written.
      const YamlNode& node = entry.decl.value ? *entry.decl.value : *entry.decl.fallback;
      line.value = node.is_scalar() ? node.scalar : literal_value(node).to_string();
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::optional<ExprValue> ParamScope::find(const std::string& name) {
  const auto index = indices_.find(name);
  if (index != indices_.end()) return ExprValue(index->second);
  return table_.find(name, budget_);
}

std::vector<std::string> ParamScope::names() const {
  std::vector<std::string> names = table_.names();
  for (const auto& [name, value] : indices_) names.push_back(name);
  return names;
}

void collect_names(const Expr& expr, std::vector<const Expr*>& names) {
  if (expr.kind == Expr::Kind::name) names.push_back(&expr);
  for (const Expr& item : expr.items) collect_names(item, names);
}

std::vector<std::string> find_cycle(const std::map<std::string, std::set<std::string>>& edges) {
  struct Visit {
    std::string name;
    std::vector<std::string> needs;
  };
  std::map<std::string, bool> done;  // false: on the way
  std::vector<Visit> way;
  const auto enter = [&](const std::string& name) {
    const auto found = edges.find(name);
    way.push_back({name, {}});
    if (found != edges.end()) way.back().needs.assign(found->second.begin(), found->second.end());
  };
  for (const auto& [start, needs] : edges) {
    if (done.emplace(start, false).second) enter(start);
    while (!way.empty()) {
      if (way.back().needs.empty()) {
        done[way.back().name] = true;
        way.pop_back();
        continue;
      }
      const std::string next = std::move(way.back().needs.back());
      way.back().needs.pop_back();
      if (done.emplace(next, false).second) {
        enter(next);
      } else if (!done[next]) {
        std::vector<std::string> cycle;
        for (const Visit& step : way) {
          if (!cycle.empty() || step.name == next) cycle.push_back(step.name);
        }
        cycle.push_back(next);
        return cycle;
      }
    }
  }
  return {};
}

std::optional<Diagnostic> find_param_cycle(const std::map<std::string, Expression>& expressions) {
  std::map<std::string, std::set<std::string>> needs;
  for (const auto& [name, expression] : expressions) {
    std::vector<const Expr*> names;
    collect_names(expression.root, names);
    for (const Expr* used : names) {
      if (expressions.count(used->text) > 0) needs[name].insert(used->text);
    }
  }
  const std::vector<std::string> cycle = find_cycle(needs);
  if (cycle.empty()) return std::nullopt;
  return Diagnostic{expressions.at(cycle.front()).place,
                    "param " + in_quotes(cycle.front()) + " needs itself: " + chain_text(cycle)};
}

std::string chain_text(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " → ") + name;
  return text.size() > 400 ? text.substr(0, 397) + "..." : text;
}

}  // namespace sirocco
