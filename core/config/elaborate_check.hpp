#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/elaborate_weights.hpp"
#include "graph/op.hpp"

namespace sirocco {

/// What names can mean at a point of a document, as far as that is known without a model.
struct CheckScope {
  bool graph = false;                 ///< step inputs, states, weights and ops may be used
  std::set<std::string> locals = {};  ///< bound by statements, indices included
  std::map<std::string, std::string> prefixes = {};  ///< to their form: L to "layers.{}"
  std::set<std::string> unknown = {};  ///< locals that may be prefixes: arguments of functions

  /// What it knows of these names.
  CheckScope only(const std::vector<std::string>& names) const;
  void remove(const std::vector<std::string>& names);
  void add(const CheckScope& other);
};

/// Checks the expressions of a topology one by one; what it finds adds up.
class ExpressionChecker {
 public:
  ExpressionChecker(const TopologyDocument& topology, const OpRegistry& ops);

  /// Parses and checks; nullptr where it cannot be parsed. The result lives as long as this.
  const Expression* check(const YamlNode& node, const CheckScope& scope);
  const std::vector<Expression>* check_list(const YamlNode& node, const CheckScope& scope);
  /// Only the syntax.
  const Expression* parse(const YamlNode& node);
  /// How many values an expression gives; nullopt where that is unknown.
  std::optional<size_t> results(const Expr& expr) const;

  void add(const Place& place, std::string message);
  bool is_function(const std::string& name) const { return functions_.count(name) > 0; }
  bool is_used(const std::string& param) const { return used_.count(param) > 0; }
  /// Whether a weight's form starts with this one and a dot.
  bool starts_weight(const std::string& form) const { return starts_.count(form) > 0; }
  std::vector<Diagnostic> take() { return std::move(diagnostics_); }

 private:
  void check_expr(const Expression& whole, const Expr& expr, const CheckScope& scope);
  void check_name(const Expression& whole, const Expr& expr, const CheckScope& scope);
  bool is_weight(const std::string& name, const CheckScope& scope) const;
  std::vector<std::string> names_in(const CheckScope& scope) const;
  void check_call(const Expression& whole, const Expr& call, const CheckScope& scope);
  void check_function_call(const Expression& whole, const Expr& call, const FunctionDecl& function);
  void check_op_call(const Expression& whole, const Expr& call, const OpDef& op);
  bool is_full() const;
  const OpDef* find_op(const std::string& name) const;
  bool knows_domain(const std::string& name) const;
  /// Runs `parse` and turns what it throws into a diagnostic.
  template <typename Parse>
  auto guarded(const YamlNode& node, Parse parse) -> decltype(parse());

  const TopologyDocument& topology_;
  const OpRegistry& ops_;
  WeightNames weights_;
  std::set<std::string> params_;
  std::map<std::string, const FunctionDecl*> functions_;
  std::set<std::string> starts_;  ///< of weights' forms, up to a dot
  std::set<std::string> ends_;    ///< from a dot on
  ExpressionCache expressions_;
  std::set<std::string> used_;  ///< params
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace sirocco
