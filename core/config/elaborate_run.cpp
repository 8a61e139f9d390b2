#include "config/elaborate_run.hpp"

#include <algorithm>

#include <sirocco/error.hpp>

#include "config/elaborate_objects.hpp"
#include "config/elaborate_scope.hpp"

namespace sirocco {
namespace {

constexpr int64_t kMaxRepeats = 10'000;

size_t results_in(const ExprValue& value) {
  const auto* tuple = value.object<TupleObject>();
  return tuple == nullptr ? 1 : tuple->items.size();
}

}  // namespace

std::string join_path(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "/" + name;
}

Elaborator::Elaborator(ElaborateWorld world) : world_(world) {
  if (world.topology == nullptr) return;
  for (const auto& [name, function] : world.topology->functions) {
    functions_.emplace(name, &function);
  }
}

void Elaborator::run(const std::vector<Statement>& statements, ElaborateFrame& frame) {
  for (const Statement& statement : statements) run(statement, frame);
}

void Elaborator::run(const Statement& statement, ElaborateFrame& frame) {
  switch (statement.kind) {
    case Statement::Kind::assign:
      return assign(statement, frame);
    case Statement::Kind::repeat:
      return repeat(statement, frame);
    case Statement::Kind::give:
      fail_at(statement.place, "'return' outside a function");
    case Statement::Kind::when:
      break;
  }
  const Expression& condition = world_.expressions.get(statement.expression);
  ElaborateScope scope(*this, frame);
  const ExprValue value = evaluate(condition, scope, world_.budget);
  if (value.as<bool>() == nullptr) {
    condition.fail(condition.root, "'when' is " + value.describe() + ", expected true or false");
  }
  run(*value.as<bool>() ? statement.body : statement.otherwise, frame);
}

ExprValue Elaborator::evaluate_named(const Expression& expression, ElaborateFrame& frame,
                                     const std::string& name, const std::string& statement) {
  const size_t first_new = world_.builder.graph().values.size();
  frame.statement = statement;
  ElaborateScope scope(*this, frame);
  const ExprValue value = evaluate(expression, scope, world_.budget);
  if (results_in(value) == 1) give_name(value, first_new, name);
  return value;
}

/// Only what was made just now: a name for something older is an alias.
void Elaborator::give_name(const ExprValue& value, size_t first_new, const std::string& name) {
  const auto* tensor = value.object<TensorObject>();
  if (tensor == nullptr || tensor->id < first_new) return;
  if (world_.builder.graph().values[tensor->id].kind != SIROCCO_VALUE_INTERNAL) return;
  world_.builder.rename(tensor->id, name);
}

void Elaborator::assign(const Statement& statement, ElaborateFrame& frame) {
  const size_t first_new = world_.builder.graph().values.size();
  const Expression& expression = world_.expressions.get(statement.expression);
  const std::string name = join_path(frame.at.path, statement.names.front());
  const ExprValue value = evaluate_named(expression, frame, name, name);
  if (results_in(value) != statement.names.size()) {
    expression.fail(expression.root, "this gives " + std::to_string(results_in(value)) +
                                         " values for " + std::to_string(statement.names.size()) +
                                         " names");
  }
  const auto* tuple = value.object<TupleObject>();
  for (size_t i = 0; i < statement.names.size(); ++i) {
    const ExprValue& item = tuple == nullptr ? value : tuple->items[i];
    if (tuple != nullptr) give_name(item, first_new, join_path(frame.at.path, statement.names[i]));
    frame.locals[statement.names[i]] = item;
  }
}

void Elaborator::repeat(const Statement& statement, ElaborateFrame& frame) {
  const Expression& header = world_.expressions.get(statement.expression);
  ElaborateScope scope(*this, frame);
  const ExprValue count = evaluate(header, scope, world_.budget);
  const auto* times = count.as<int64_t>();
  if (times == nullptr || *times < 0 || *times > kMaxRepeats) {
    header.fail(header.root, "'repeat' over " + count.describe() +
                                 ", expected an integer from 0 to " + std::to_string(kMaxRepeats));
  }
  // What the loop calls its own is put back when it ends; values bound inside stay.
  std::vector<std::string> own = {statement.index};
  for (const RepeatBinding& binding : statement.bindings) own.push_back(binding.name);
  std::map<std::string, ExprValue, std::less<>> before;
  for (const std::string& name : own) {
    const auto local = frame.locals.find(name);
    if (local != frame.locals.end()) before.insert(*local);
  }
  const ElaboratePosition outer = frame.at;
  for (int64_t index = 0; index < *times; ++index) {
    enter(statement, index, outer, frame);
    run(statement.body, frame);
  }
  frame.at = outer;
  for (const std::string& name : own) frame.locals.erase(name);
  frame.locals.merge(before);
}

/// Binds what the header names for one index and moves the frame there.
void Elaborator::enter(const Statement& statement, int64_t index, const ElaboratePosition& outer,
                       ElaborateFrame& frame) {
  frame.locals[statement.index] = index;
  frame.at.layer = outer.layer < 0 ? static_cast<int>(index) : outer.layer;
  frame.at.prefix = outer.prefix;
  std::string step = statement.index + "." + std::to_string(index);
  for (const RepeatBinding& binding : statement.bindings) {
    std::optional<std::string> text = substitute_indices(binding.value.scalar, frame.locals);
    if (!text) {
      fail_at(binding.value.place,
              "an index in " + in_quotes(binding.value.scalar) + " is unknown here");
    }
    // "E = L.experts.{e}" goes on from a prefix that is bound already.
    const auto local = frame.locals.find(text->substr(0, text->find('.')));
    const auto* base = local == frame.locals.end() ? nullptr : local->second.object<PrefixObject>();
    if (base != nullptr) text->replace(0, local->first.size(), base->text);
    if (&binding == &statement.bindings.front()) {
      step = outer.prefix.empty() || !text->starts_with(outer.prefix + ".")
                 ? *text
                 : text->substr(outer.prefix.size() + 1);
      frame.at.prefix = *text;
    }
    frame.locals[binding.name] = make_object<PrefixObject>(std::move(*text));
  }
  frame.at.path = join_path(outer.path, step);
}

std::vector<ExprValue> Elaborator::run_function(const std::vector<Statement>& body,
                                                ElaborateFrame& frame) {
  const Statement& last = body.back();
  for (const Statement& statement : body) {
    if (&statement != &last) run(statement, frame);
  }
  std::vector<ExprValue> results;
  const std::vector<Expression>& expressions = world_.expressions.list(last.expression);
  for (size_t i = 0; i < expressions.size(); ++i) {
    const std::string suffix = expressions.size() > 1 ? "." + std::to_string(i) : "";
    const ExprValue value =
        evaluate_named(expressions[i], frame, frame.at.path + suffix, frame.at.path);
    const auto* tuple = value.object<TupleObject>();
    if (tuple == nullptr) {
      results.push_back(value);
    } else {
      results.insert(results.end(), tuple->items.begin(), tuple->items.end());
    }
  }
  return results;
}

ValueId Elaborator::tensor(const ExprValue& value, const Place& place, const std::string& what) {
  if (const auto* tensor = value.object<TensorObject>()) return tensor->id;
  if (const auto* weight = value.object<WeightObject>()) return world_.weights->value(weight->name);
  fail_at(place, what + " is " + value.describe() + ", expected a tensor");
}

}  // namespace sirocco
