#include <algorithm>
#include <charconv>

#include <sirocco/error.hpp>

#include "config/elaborate_check.hpp"
#include "config/elaborate_scope.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace {

constexpr size_t kMaxDiagnostics = 200;
/// Among so many a misspelt name is looked for.
constexpr size_t kMaxSuggestions = 500;
/// Of a weight's name: enough for every sensible one, and no quadratic cost for others.
constexpr size_t kMaxParts = 16;

/// "file:3:7: what" taken apart again.
Diagnostic to_diagnostic(const std::string& text, const Place& fallback) {
  const std::string file = fallback.file + ":";
  Place place = fallback;
  const char* end = text.data() + text.size();
  if (text.starts_with(file)) {
    auto number = std::from_chars(text.data() + file.size(), end, place.line);
    if (number.ec == std::errc() && number.ptr != end && *number.ptr == ':') {
      number = std::from_chars(number.ptr + 1, end, place.column);
      if (number.ec == std::errc() && std::string_view(number.ptr, end).starts_with(": ")) {
        return {place, std::string(number.ptr + 2, end)};
      }
    }
  }
  return {fallback, text};
}

/// Where every index is "{}"; nullopt where one in braces is no local.
std::optional<std::string> form_in(const std::string& name, const CheckScope& scope) {
  for (size_t open = name.find('{'); open != std::string::npos; open = name.find('{', open + 1)) {
    const size_t close = name.find('}', open);
    if (close == std::string::npos) return std::nullopt;
    if (scope.locals.count(name.substr(open + 1, close - open - 1)) == 0) return std::nullopt;
  }
  return WeightNames::form_of(name);
}

/// Digits that stand for an index as "{}".
std::string without_digits(const std::string& form) {
  std::string out;
  for (size_t begin = 0; begin <= form.size();) {
    const size_t dot = std::min(form.find('.', begin), form.size());
    const std::string part = form.substr(begin, dot - begin);
    const bool digits = !part.empty() && part.find_first_not_of("0123456789") == std::string::npos;
    out += (begin > 0 ? "." : "") + (digits ? "{}" : part);
    begin = dot + 1;
  }
  return out;
}

std::vector<std::string> input_and_attr_names(const OpDef& op) {
  std::vector<std::string> names;
  for (const InputSpec& input : op.inputs) names.push_back(input.name);
  for (const AttrSpec& attr : op.attrs) names.push_back(attr.name);
  return names;
}

}  // namespace

CheckScope CheckScope::only(const std::vector<std::string>& names) const {
  CheckScope part;
  for (const std::string& name : names) {
    if (locals.count(name) > 0) part.locals.insert(name);
    if (unknown.count(name) > 0) part.unknown.insert(name);
    const auto prefix = prefixes.find(name);
    if (prefix != prefixes.end()) part.prefixes.insert(*prefix);
  }
  return part;
}

void CheckScope::remove(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    locals.erase(name);
    unknown.erase(name);
    prefixes.erase(name);
  }
}

void CheckScope::add(const CheckScope& other) {
  locals.insert(other.locals.begin(), other.locals.end());
  unknown.insert(other.unknown.begin(), other.unknown.end());
  for (const auto& [name, prefix] : other.prefixes) prefixes[name] = prefix;
}

ExpressionChecker::ExpressionChecker(const TopologyDocument& topology, const OpRegistry& ops)
    : topology_(topology), ops_(ops), weights_(topology) {
  for (const auto& [name, param] : topology.params) params_.insert(name);
  for (const auto& [name, function] : topology.functions) functions_.emplace(name, &function);
  for (const auto& [form, declared] : weights_.forms()) {
    size_t dot = form.find('.');
    for (size_t n = 0; n < kMaxParts && dot != std::string::npos; ++n) {
      starts_.insert(form.substr(0, dot));
      ends_.insert(form.substr(dot));
      dot = form.find('.', dot + 1);
    }
  }
}

bool ExpressionChecker::is_full() const {
  return diagnostics_.size() >= kMaxDiagnostics;
}

void ExpressionChecker::add(const Place& place, std::string message) {
  if (!is_full()) diagnostics_.push_back({place, std::move(message)});
}

template <typename Parse>
auto ExpressionChecker::guarded(const YamlNode& node, Parse parse) -> decltype(parse()) {
  try {
    return parse();
  } catch (const Error& error) {
    Diagnostic found = to_diagnostic(error.what(), node.place);
    add(found.place, std::move(found.message));
    return nullptr;
  }
}

const Expression* ExpressionChecker::parse(const YamlNode& node) {
  return guarded(node, [&] { return &expressions_.get(node); });
}

const Expression* ExpressionChecker::check(const YamlNode& node, const CheckScope& scope) {
  const Expression* expression = parse(node);
  if (expression != nullptr) check_expr(*expression, expression->root, scope);
  return expression;
}

const std::vector<Expression>* ExpressionChecker::check_list(const YamlNode& node,
                                                             const CheckScope& scope) {
  const auto* list = guarded(node, [&] { return &expressions_.list(node); });
  if (list == nullptr) return nullptr;
  for (const Expression& expression : *list) check_expr(expression, expression.root, scope);
  return list;
}

void ExpressionChecker::check_expr(const Expression& whole, const Expr& expr,
                                   const CheckScope& scope) {
  if (expr.kind == Expr::Kind::name) check_name(whole, expr, scope);
  if (expr.kind == Expr::Kind::call) check_call(whole, expr, scope);
  for (const Expr& item : expr.items) check_expr(whole, item, scope);
}

void ExpressionChecker::check_name(const Expression& whole, const Expr& expr,
                                   const CheckScope& scope) {
  const std::string& name = expr.text;
  if (scope.locals.count(name) > 0) return;
  if (params_.count(name) > 0) {
    used_.insert(name);
    return;
  }
  if (scope.graph && (step_input_kind(name) || find_named(topology_.state, name) != nullptr ||
                      is_weight(name, scope))) {
    return;
  }
  if (is_full()) return;
  add(whole.place_of(expr),
      "unknown name " + in_quotes(name) + did_you_mean(name, names_in(scope)));
}

bool ExpressionChecker::is_weight(const std::string& name, const CheckScope& scope) const {
  std::optional<std::string> form = form_in(name, scope);
  if (!form) return false;
  const size_t dot = std::min(name.find('.'), name.size());
  const std::string first = name.substr(0, dot);
  if (scope.unknown.count(first) > 0 && dot < name.size()) {
    // Whatever the argument will be: some weight must end like this.
    return ends_.count(without_digits(form->substr(form->find('.')))) > 0;
  }
  const auto prefix = scope.prefixes.find(first);
  if (prefix != scope.prefixes.end()) {
    form = prefix->second + form->substr(form->find('.'));
  } else if (scope.locals.count(first) > 0) {
    return false;
  }
  return weights_.has_form(*form) || weights_.has_form(without_digits(*form));
}

std::vector<std::string> ExpressionChecker::names_in(const CheckScope& scope) const {
  std::vector<std::string> names;
  for (const std::string& name : scope.locals) {
    if (names.size() < kMaxSuggestions) names.push_back(name);
  }
  for (const std::string& name : params_) {
    if (names.size() < 2 * kMaxSuggestions) names.push_back(name);
  }
  if (!scope.graph) return names;
  for (const char* input : {"tokens", "positions", "wanted"}) names.push_back(input);
  for (const auto& [name, state] : topology_.state) names.push_back(name);
  for (const auto& [form, declared] : weights_.forms()) {
    if (names.size() > 3 * kMaxSuggestions) break;
    names.push_back(declared);
    for (const auto& [name, prefix] : scope.prefixes) {
      if (form.starts_with(prefix + ".")) names.push_back(name + form.substr(prefix.size()));
    }
    for (const std::string& name : scope.unknown) {
      if (form.find('.') != std::string::npos) names.push_back(name + form.substr(form.rfind('.')));
    }
  }
  return names;
}

const OpDef* ExpressionChecker::find_op(const std::string& name) const {
  const size_t dot = name.find('.');
  return dot == std::string::npos ? ops_.find("sirocco", name)
                                  : ops_.find(name.substr(0, dot), name.substr(dot + 1));
}

bool ExpressionChecker::knows_domain(const std::string& name) const {
  const std::string domain = name.substr(0, name.find('.'));
  const std::vector<const OpDef*> all = ops_.all();
  return std::any_of(all.begin(), all.end(), [&](const OpDef* op) { return op->domain == domain; });
}

void ExpressionChecker::check_call(const Expression& whole, const Expr& call,
                                   const CheckScope& scope) {
  if (is_builtin_function(call.text)) return;
  const Place place = whole.place_of(call);
  if (!scope.graph) {
    add(place, "unknown function " + in_quotes(call.text) + ", expected one of " +
                   one_of(builtin_functions()));
    return;
  }
  const auto function = functions_.find(call.text);
  if (function != functions_.end()) return check_function_call(whole, call, *function->second);
  if (const OpDef* op = find_op(call.text)) return check_op_call(whole, call, *op);
  if (call.text.find('.') != std::string::npos && !knows_domain(call.text)) return;
  if (is_full()) return;
  std::vector<std::string> known = builtin_functions();
  for (const OpDef* op : ops_.all()) known.push_back(op->full_name());
  for (const auto& declared : topology_.functions) {
    if (known.size() < kMaxSuggestions) known.push_back(declared.first);
  }
  add(place, "unknown op or function " + in_quotes(call.text) + did_you_mean(call.text, known));
}

void ExpressionChecker::check_function_call(const Expression& whole, const Expr& call,
                                            const FunctionDecl& function) {
  const std::string name = in_quotes(call.text);
  for (const std::string& keyword : call.keywords) {
    if (keyword.empty()) continue;
    if (std::find(function.args.begin(), function.args.end(), keyword) == function.args.end()) {
      return add(whole.place_of(call),
                 name + " takes no " + in_quotes(keyword) + did_you_mean(keyword, function.args));
    }
  }
  if (call.items.size() != function.args.size()) {
    add(whole.place_of(call), name + " of " + std::to_string(call.items.size()) +
                                  " arguments, expected " + std::to_string(function.args.size()));
  }
}

void ExpressionChecker::check_op_call(const Expression& whole, const Expr& call, const OpDef& op) {
  const std::vector<std::string> known = input_and_attr_names(op);
  std::set<std::string> given;
  const bool variadic = !op.inputs.empty() && op.inputs.back().variadic;
  for (size_t i = 0; i < call.items.size(); ++i) {
    const Expr& item = call.items[i];
    std::string name = call.keywords[i];
    if (name.empty() && i >= op.inputs.size() && !variadic) {
      return add(whole.place_of(item), op.full_name() + " takes " +
                                           std::to_string(op.inputs.size()) +
                                           " tensors; attributes are given by name");
    }
    const size_t last = op.inputs.empty() ? 0 : op.inputs.size() - 1;
    if (name.empty()) name = op.inputs[std::min(i, last)].name;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const std::string near = did_you_mean(name, known);
      add(whole.place_of(item), op.full_name() + " takes no " + in_quotes(name) +
                                    (near.empty() ? ", expected " + one_of(known) : near));
    }
    const bool again = !given.insert(name).second;
    if (again && !(variadic && name == op.inputs.back().name)) {
      add(whole.place_of(item), "input " + in_quotes(name) + " is given twice");
    }
    const bool is_input = std::any_of(op.inputs.begin(), op.inputs.end(),
                                      [&](const InputSpec& input) { return input.name == name; });
    if (is_input && item.kind == Expr::Kind::literal && !item.value.is_null()) {
      add(whole.place_of(item), item.value.describe() + " for " + in_quotes(name) + " of " +
                                    op.full_name() + ", expected a tensor");
    }
  }
  for (const InputSpec& input : op.inputs) {
    if (input.optional || given.count(input.name) > 0) continue;
    add(whole.place_of(call),
        op.full_name() + " lacks its input " + in_quotes(input.name) + ": " + input.doc);
  }
  for (const AttrSpec& attr : op.attrs) {
    if (attr.fallback || given.count(attr.name) > 0) continue;
    add(whole.place_of(call),
        op.full_name() + " lacks its attribute " + in_quotes(attr.name) + ": " + attr.doc);
  }
}

std::optional<size_t> ExpressionChecker::results(const Expr& expr) const {
  if (expr.kind != Expr::Kind::call) {
    // A conditional may choose between calls.
    return expr.kind == Expr::Kind::conditional ? std::nullopt : std::optional<size_t>(1);
  }
  if (is_builtin_function(expr.text)) return 1;
  if (functions_.count(expr.text) > 0) return std::nullopt;
  const OpDef* op = find_op(expr.text);
  return op == nullptr ? std::nullopt : std::optional<size_t>(op->outputs.size());
}

}  // namespace sirocco
