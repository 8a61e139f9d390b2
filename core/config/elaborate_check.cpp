#include "config/elaborate_check.hpp"

#include "config/elaborate.hpp"
#include "config/elaborate_scope.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace {

class TopologyCheck {
 public:
  TopologyCheck(const TopologyDocument& topology, const OpRegistry& ops)
      : topology_(topology), checker_(topology, ops) {}

  std::vector<Diagnostic> run() {
    check_params();
    check_states();
    check_weights();
    for (const MatchDecl& match : topology_.matches) check_match(match);
    check_optional(topology_.context, {});
    check_functions();
    CheckScope scope{.graph = true};
    check_statements(topology_.graph, scope);
    for (const auto& [name, node] : topology_.outputs) checker_.check(node, scope);
    check_unused();
    std::vector<Diagnostic> found = checker_.take();
    sort_diagnostics(found);
    return found;
  }

 private:
  void check_optional(const std::optional<YamlNode>& node, const CheckScope& scope) {
    if (node) checker_.check(*node, scope);
  }

  static CheckScope layer_scope(bool per_layer) {
    CheckScope scope;
    if (per_layer) scope.locals.insert("i");
    return scope;
  }

  void check_params() {
    std::map<std::string, Expression> expressions;
    for (const auto& [name, decl] : topology_.params) {
      for (const std::optional<YamlNode>* node : {&decl.value, &decl.fallback}) {
        if (!*node) continue;
        const Expression* expression = checker_.check(**node, layer_scope(decl.per_layer));
        if (expression != nullptr) expressions.emplace(name, *expression);
      }
      if (step_input_kind(name)) {
        checker_.add(decl.place,
                     in_quotes(name) + " is an input of the step, expected another name");
      }
    }
    if (const auto cycle = find_param_cycle(expressions)) {
      checker_.add(cycle->place, cycle->message);
    }
  }

  void check_states() {
    for (const auto& [name, state] : topology_.state) {
      const CheckScope scope = layer_scope(state.per_layer);
      for (const std::optional<YamlNode>* field :
           {&state.heads, &state.head_dim, &state.v_dim, &state.elements, &state.window,
            &state.page_tokens}) {
        check_optional(*field, scope);
      }
      const bool literal =
          state.dtype && (state.dtype->scalar == kActivationDtype ||
                          dtype_from_name(state.dtype->scalar) != SIROCCO_DTYPE_NONE);
      if (!literal) check_optional(state.dtype, scope);
    }
  }

  void check_weights() {
    for (const auto& [name, weight] : topology_.weights) {
      CheckScope scope;
      for (size_t open = name.find('{'); open != std::string::npos;
           open = name.find('{', open + 1)) {
        scope.locals.insert(name.substr(open + 1, name.find('}', open) - open - 1));
      }
      for (const YamlNode& extent : weight.shape) checker_.check(extent, scope);
      check_optional(weight.when, scope);
    }
  }

  /// Its names are the checkpoint's keys, whatever they are.
  void check_match(const MatchDecl& match) {
    const Expression* condition = checker_.parse(match.condition);
    if (condition != nullptr) check_builtin_calls(*condition, condition->root);
  }

  void check_builtin_calls(const Expression& whole, const Expr& expr) {
    if (expr.kind == Expr::Kind::call && !is_builtin_function(expr.text)) {
      checker_.add(whole.place_of(expr), "unknown function " + in_quotes(expr.text) +
                                             did_you_mean(expr.text, builtin_functions()));
    }
    for (const Expr& item : expr.items) check_builtin_calls(whole, item);
  }

  void check_functions() {
    for (const auto& [name, function] : topology_.functions) {
      if (is_builtin_function(name)) {
        checker_.add(function.place, in_quotes(name) +
                                         " is a function of the language, expected "
                                         "another name");
      }
      CheckScope scope{.graph = true};
      for (const std::string& arg : function.args) {
        scope.locals.insert(arg);
        scope.unknown.insert(arg);
      }
      current_ = name;
      check_statements(function.body, scope);
      current_.clear();
    }
    check_recursion();
  }

  void check_statements(const std::vector<Statement>& statements, CheckScope& scope) {
    for (const Statement& statement : statements) check_statement(statement, scope);
  }

  void check_statement(const Statement& statement, CheckScope& scope) {
    switch (statement.kind) {
      case Statement::Kind::assign:
        return check_assign(statement, scope);
      case Statement::Kind::repeat:
        return check_repeat(statement, scope);
      case Statement::Kind::when:
        note_calls(checker_.check(statement.expression, scope));
        check_statements(statement.body, scope);
        check_statements(statement.otherwise, scope);
        return;
      case Statement::Kind::give:
        if (const auto* list = checker_.check_list(statement.expression, scope)) {
          for (const Expression& expression : *list) note_calls(&expression);
        }
    }
  }

  void check_assign(const Statement& statement, CheckScope& scope) {
    const Expression* expression = checker_.check(statement.expression, scope);
    note_calls(expression);
    if (expression != nullptr) {
      const std::optional<size_t> results = checker_.results(expression->root);
      if (results && *results != statement.names.size()) {
        checker_.add(statement.place, "this gives " + std::to_string(*results) + " values for " +
                                          std::to_string(statement.names.size()) + " names");
      }
    }
    for (const std::string& name : statement.names) {
      if (step_input_kind(name)) {
        checker_.add(statement.place,
                     in_quotes(name) + " is an input of the step, expected another name");
      }
      scope.locals.insert(name);
      scope.prefixes.erase(name);
      scope.unknown.erase(name);
    }
  }

  void check_repeat(const Statement& statement, CheckScope& scope) {
    note_calls(checker_.check(statement.expression, scope));
    std::vector<std::string> own = {statement.index};
    for (const RepeatBinding& binding : statement.bindings) own.push_back(binding.name);
    const CheckScope before = scope.only(own);
    scope.remove(own);
    scope.locals.insert(statement.index);
    for (const RepeatBinding& binding : statement.bindings) {
      check_binding(binding, scope);
      scope.locals.insert(binding.name);
    }
    check_statements(statement.body, scope);
    // Values stay after the loop; its index and prefixes do not.
    scope.remove(own);
    scope.add(before);
  }

  void check_binding(const RepeatBinding& binding, CheckScope& scope) {
    const std::string& text = binding.value.scalar;
    for (size_t open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
      const std::string index = text.substr(open + 1, text.find('}', open) - open - 1);
      if (scope.locals.count(index) == 0) {
        checker_.add(binding.value.place,
                     "unknown index " + in_quotes(index) + " in " + in_quotes(text));
      }
    }
    std::string form = WeightNames::form_of(text);
    const std::string first = form.substr(0, form.find('.'));
    if (scope.unknown.count(first) > 0) {
      scope.unknown.insert(binding.name);
      return;
    }
    const auto prefix = scope.prefixes.find(first);
    if (prefix != scope.prefixes.end()) form.replace(0, first.size(), prefix->second);
    if (!checker_.starts_weight(form)) {
      checker_.add(binding.value.place, "no weight's name starts with " + in_quotes(text + "."));
    }
    scope.prefixes[binding.name] = form;
  }

  void note_calls(const Expression* expression) {
    if (expression == nullptr || current_.empty()) return;
    note_calls(expression->root);
  }

  void note_calls(const Expr& expr) {
    if (expr.kind == Expr::Kind::call && checker_.is_function(expr.text)) {
      calls_[current_].insert(expr.text);
    }
    for (const Expr& item : expr.items) note_calls(item);
  }

  void check_recursion() {
    const std::vector<std::string> cycle = find_cycle(calls_);
    if (cycle.empty()) return;
    checker_.add(find_named(topology_.functions, cycle.front())->place,
                 "function " + in_quotes(cycle.front()) + " calls itself: " + chain_text(cycle));
  }

  /// Of this file: what it extends may well offer more than it uses.
  void check_unused() {
    for (const auto& [name, decl] : topology_.params) {
      if (checker_.is_used(name) || decl.place.file != topology_.file.string()) continue;
      checker_.add(decl.place, "param " + in_quotes(name) + " is used by nothing");
    }
  }

  const TopologyDocument& topology_;
  ExpressionChecker checker_;
  std::string current_;  ///< the function being checked
  std::map<std::string, std::set<std::string>> calls_;
};

}  // namespace

std::vector<Diagnostic> check_topology(const TopologyDocument& topology, const OpRegistry& ops) {
  return TopologyCheck(topology, ops).run();
}

std::vector<Diagnostic> check_topology(const TopologyDocument& topology) {
  return check_topology(topology, OpRegistry::with_builtin_ops());
}

}  // namespace sirocco
