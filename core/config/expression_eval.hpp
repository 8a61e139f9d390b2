#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/expression.hpp"

namespace sirocco {

class ExprEvaluator;

/// What the names and calls of an expression mean.
class ExprScope {
 public:
  virtual ~ExprScope() = default;
  /// The value of a name, dotted ones whole; nullopt where it is unknown. May throw
  /// Error(invalid_file) with a place of its own.
  virtual std::optional<ExprValue> find(const std::string& name) = 0;
  /// Names to suggest for a misspelt one.
  virtual std::vector<std::string> names() const { return {}; }
  /// A call of anything but the language's own functions. The default: there are no others.
  virtual ExprValue call(const Expr& call, ExprEvaluator& evaluator);
};

/// Evaluates one expression in a scope.
class ExprEvaluator {
 public:
  ExprEvaluator(const Expression& expression, ExprScope& scope, ExprBudget& budget)
      : expression_(expression), scope_(scope), budget_(budget) {}

  ExprValue run() { return evaluate(expression_.root); }
  /// A part of it. Throws Error(invalid_file) at the part that cannot be evaluated: an unknown
  /// name, operands of wrong types, overflow, division by zero, an index out of range.
  ExprValue evaluate(const Expr& expr);

  const Expression& expression() const { return expression_; }
  ExprBudget& budget() { return budget_; }
  [[noreturn]] void fail(const Expr& expr, const std::string& what) const {
    expression_.fail(expr, what);
  }

 private:
  ExprValue evaluate_here(const Expr& expr);
  ExprValue name(const Expr& expr);
  ExprValue unary(const Expr& expr);
  ExprValue binary(const Expr& expr);
  ExprValue index(const Expr& expr);
  ExprValue builtin(const Expr& expr);
  bool condition(const Expr& expr, const std::string& of);

  const Expression& expression_;
  ExprScope& scope_;
  ExprBudget& budget_;
};

ExprValue evaluate(const Expression& expression, ExprScope& scope, ExprBudget& budget);

}  // namespace sirocco
