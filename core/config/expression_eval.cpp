#include "config/expression_eval.hpp"

#include <algorithm>

#include <sirocco/error.hpp>

#include "config/expression_math.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace {

/// Runs `work` and gives an Error without a place the place of `expr`.
template <typename Work>
auto placed(const ExprEvaluator& evaluator, const Expr& expr, Work work) {
  try {
    return work();
  } catch (const Error& error) {
    evaluator.fail(expr, error.what());
  }
}

}  // namespace

bool is_builtin_function(std::string_view name) {
  const std::vector<std::string>& names = builtin_functions();
  return std::find(names.begin(), names.end(), name) != names.end();
}

ExprValue ExprScope::call(const Expr& call, ExprEvaluator& evaluator) {
  evaluator.fail(call, "unknown function " + in_quotes(call.text) + ", expected one of " +
                           one_of(builtin_functions()) +
                           did_you_mean(call.text, builtin_functions()));
}

ExprValue ExprEvaluator::evaluate(const Expr& expr) {
  if (budget_.steps == 0) fail(expr, "this document takes too many steps to evaluate");
  if (budget_.levels == 0) fail(expr, "calls are nested too deeply here");
  --budget_.steps;
  --budget_.levels;
  // Not given back when something throws: an error ends the whole task.
  ExprValue value = evaluate_here(expr);
  ++budget_.levels;
  return value;
}

ExprValue ExprEvaluator::evaluate_here(const Expr& expr) {
  switch (expr.kind) {
    case Expr::Kind::literal:
      return expr.value;
    case Expr::Kind::name:
      return name(expr);
    case Expr::Kind::list: {
      ExprValue::List items;
      for (const Expr& item : expr.items) {
        items.push_back(evaluate(item));
        // Lists of lists could grow without bound from statement to statement.
        if (items.back().as<ExprValue::List>()) fail(item, "a list in a list, expected one value");
      }
      return items;
    }
    case Expr::Kind::unary:
      return unary(expr);
    case Expr::Kind::binary:
      return binary(expr);
    case Expr::Kind::conditional:
      return evaluate(condition(expr.items[0], "'?'") ? expr.items[1] : expr.items[2]);
    case Expr::Kind::index:
      return index(expr);
    case Expr::Kind::call:
      break;
  }
  return is_builtin_function(expr.text) ? builtin(expr) : scope_.call(expr, *this);
}

ExprValue ExprEvaluator::name(const Expr& expr) {
  std::optional<ExprValue> value = scope_.find(expr.text);
  if (!value) {
    fail(expr, "unknown name " + in_quotes(expr.text) + did_you_mean(expr.text, scope_.names()));
  }
  return std::move(*value);
}

bool ExprEvaluator::condition(const Expr& expr, const std::string& of) {
  const ExprValue value = evaluate(expr);
  if (value.as<bool>() == nullptr) {
    fail(expr, value.describe() + " as a condition of " + of + ", expected true or false");
  }
  return *value.as<bool>();
}

ExprValue ExprEvaluator::unary(const Expr& expr) {
  if (expr.text == "not") return !condition(expr.items[0], "'not'");
  const ExprValue operand = evaluate(expr.items[0]);
  return placed(*this, expr, [&] { return negated(operand); });
}

ExprValue ExprEvaluator::binary(const Expr& expr) {
  const std::string& symbol = expr.text;
  if (symbol == "and" || symbol == "or") {
    const bool left = condition(expr.items[0], in_quotes(symbol));
    if (left == (symbol == "or")) return left;
    return condition(expr.items[1], in_quotes(symbol));
  }
  const ExprValue left = evaluate(expr.items[0]);
  const ExprValue right = evaluate(expr.items[1]);
  return placed(*this, expr, [&]() -> ExprValue {
    if (symbol == "in") return contains(right, left);
    const bool compares = symbol == "==" || symbol == "!=" || symbol[0] == '<' || symbol[0] == '>';
    if (compares) return compare(symbol, left, right);
    return arithmetic(symbol, left, right);
  });
}

ExprValue ExprEvaluator::index(const Expr& expr) {
  const ExprValue indexed = evaluate(expr.items[0]);
  const ExprValue at = evaluate(expr.items[1]);
  const auto* index = at.as<int64_t>();
  if (index == nullptr) fail(expr.items[1], at.describe() + " as an index, expected an integer");
  if (const auto* list = indexed.as<ExprValue::List>()) {
    if (*index < 0 || static_cast<uint64_t>(*index) >= list->size()) {
      fail(expr.items[1], "index " + std::to_string(*index) + " into a list of " +
                              std::to_string(list->size()) + " items");
    }
    return (*list)[static_cast<size_t>(*index)];
  }
  if (const auto* object = indexed.as<ExprValue::Object>()) {
    if (*index < 0) fail(expr.items[1], "index " + std::to_string(*index) + " is below 0");
    return (*object)->at(*index, expression_.place_of(expr), budget_);
  }
  fail(expr.items[0], indexed.describe() + " with an index, expected a list");
}

ExprValue ExprEvaluator::builtin(const Expr& expr) {
  std::vector<ExprValue> arguments;
  for (size_t i = 0; i < expr.items.size(); ++i) {
    if (!expr.keywords[i].empty()) {
      fail(expr.items[i], in_quotes(expr.text) + " takes no argument by name");
    }
    arguments.push_back(evaluate(expr.items[i]));
  }
  return placed(*this, expr, [&] { return call_builtin(expr.text, arguments); });
}

ExprValue evaluate(const Expression& expression, ExprScope& scope, ExprBudget& budget) {
  return ExprEvaluator(expression, scope, budget).run();
}

}  // namespace sirocco
