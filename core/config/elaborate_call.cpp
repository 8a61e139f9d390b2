#include <algorithm>

#include <sirocco/error.hpp>

#include "config/elaborate_objects.hpp"
#include "config/elaborate_run.hpp"

namespace sirocco {
namespace {

std::string argument_name(const OpDef& op, size_t index) {
  return "argument " + std::to_string(index + 1) + " of " + op.full_name() + " (" +
         op.inputs[std::min(index, op.inputs.size() - 1)].name + ")";
}

size_t find_input(const OpDef& op, const std::string& name) {
  const auto found = std::find_if(op.inputs.begin(), op.inputs.end(),
                                  [&](const InputSpec& input) { return input.name == name; });
  return static_cast<size_t>(found - op.inputs.begin());
}

const AttrSpec* find_attr(const OpDef& op, const std::string& name) {
  for (const AttrSpec& attr : op.attrs) {
    if (attr.name == name) return &attr;
  }
  return nullptr;
}

[[noreturn]] void unknown_argument(const OpDef& op, const std::string& name, const Expr& at,
                                   ExprEvaluator& evaluator) {
  std::vector<std::string> known;
  for (const InputSpec& input : op.inputs) known.push_back(input.name);
  for (const AttrSpec& attr : op.attrs) known.push_back(attr.name);
  const std::string near = did_you_mean(name, known);
  evaluator.fail(at, op.full_name() + " takes no " + in_quotes(name) +
                         (near.empty() ? ", expected " + one_of(known) : near));
}

void add_attr(std::vector<Attr>& attrs, const OpDef& op, const AttrSpec& spec,
              const ExprValue& value, const Expr& at, ExprEvaluator& evaluator) {
  try {
    attrs.push_back({spec.name, to_attr(value, spec)});
  } catch (const Error& error) {
    evaluator.fail(at, op.full_name() + ": " + error.what());
  }
}

/// The inputs and attributes of a call as they come.
struct OpArguments {
  bool variadic;
  std::vector<ValueId> inputs;
  std::vector<bool> filled;
  std::vector<Attr> attrs = {};

  explicit OpArguments(const OpDef& op)
      : variadic(!op.inputs.empty() && op.inputs.back().variadic),
        inputs(op.inputs.size() - (variadic ? 1 : 0), kNone),
        filled(op.inputs.size(), false) {}

  void add_input(size_t index, ValueId id) {
    if (index >= inputs.size()) {
      inputs.push_back(id);
    } else {
      inputs[index] = id;
    }
    filled[std::min(index, filled.size() - 1)] = true;
  }
};

/// The arguments of a function in the order of its parameters.
std::vector<ExprValue> bind_arguments(const std::string& name, const FunctionDecl& function,
                                      const Expr& call, ExprEvaluator& evaluator) {
  std::vector<std::optional<ExprValue>> given(function.args.size());
  for (size_t i = 0; i < call.items.size(); ++i) {
    const Expr& item = call.items[i];
    const std::string& keyword = call.keywords[i];
    const auto named = std::find(function.args.begin(), function.args.end(), keyword);
    const size_t index = keyword.empty() ? i : static_cast<size_t>(named - function.args.begin());
    if (index >= given.size()) {
      const std::string what =
          keyword.empty() ? std::to_string(given.size()) + " arguments"
                          : "no " + in_quotes(keyword) + did_you_mean(keyword, function.args);
      evaluator.fail(item, in_quotes(name) + " takes " + what);
    }
    if (given[index]) evaluator.fail(item, in_quotes(function.args[index]) + " is given twice");
    given[index] = evaluator.evaluate(item);
  }
  std::vector<ExprValue> arguments;
  for (size_t i = 0; i < given.size(); ++i) {
    if (!given[i]) {
      evaluator.fail(call, in_quotes(name) + " lacks its argument " + in_quotes(function.args[i]));
    }
    arguments.push_back(std::move(*given[i]));
  }
  return arguments;
}

}  // namespace

ExprValue Elaborator::call(const Expr& call, ExprEvaluator& evaluator, ElaborateFrame& frame) {
  const auto function = functions_.find(call.text);
  if (function != functions_.end()) {
    return call_function(call.text, *function->second, call, evaluator, frame);
  }
  return call_op(find_op(call, evaluator), call, evaluator, frame);
}

const OpDef& Elaborator::find_op(const Expr& call, ExprEvaluator& evaluator) const {
  const size_t dot = call.text.find('.');
  const OpDef* op = dot == std::string::npos
                        ? world_.ops.find("sirocco", call.text)
                        : world_.ops.find(call.text.substr(0, dot), call.text.substr(dot + 1));
  if (op != nullptr) return *op;
  std::vector<std::string> known = builtin_functions();
  for (const OpDef* other : world_.ops.all()) known.push_back(other->full_name());
  for (const auto& [name, function] : functions_) known.push_back(name);
  evaluator.fail(call,
                 "unknown op or function " + in_quotes(call.text) + did_you_mean(call.text, known));
}

ExprValue Elaborator::call_op(const OpDef& op, const Expr& call, ExprEvaluator& evaluator,
                              ElaborateFrame& frame) {
  OpArguments arguments(op);
  for (size_t i = 0; i < call.items.size(); ++i) {
    const Expr& item = call.items[i];
    const std::string& keyword = call.keywords[i];
    const size_t index = keyword.empty() ? i : find_input(op, keyword);
    if (keyword.empty() && i >= op.inputs.size() && !arguments.variadic) {
      evaluator.fail(item, op.full_name() + " takes " + std::to_string(op.inputs.size()) +
                               " tensors; attributes are given by name");
    }
    if (!keyword.empty() && index < op.inputs.size() && arguments.filled[index]) {
      evaluator.fail(item, "input " + in_quotes(keyword) + " is given twice");
    }
    const AttrSpec* spec = index < op.inputs.size() ? nullptr : find_attr(op, keyword);
    if (!keyword.empty() && index >= op.inputs.size() && spec == nullptr) {
      unknown_argument(op, keyword, item, evaluator);
    }
    const ExprValue value = evaluator.evaluate(item);
    if (spec == nullptr) {
      arguments.add_input(index, input_id(op, index, value, item, evaluator));
    } else {
      add_attr(arguments.attrs, op, *spec, value, item, evaluator);
    }
  }
  return add_node(op, std::move(arguments.inputs), std::move(arguments.attrs), call, evaluator,
                  frame);
}

/// The value for an input; kNone where it is left out.
ValueId Elaborator::input_id(const OpDef& op, size_t index, const ExprValue& value, const Expr& at,
                             ExprEvaluator& evaluator) {
  if (value.is_null()) return kNone;
  return tensor(value, evaluator.expression().place_of(at), argument_name(op, index));
}

ExprValue Elaborator::add_node(const OpDef& op, std::vector<ValueId> inputs,
                               std::vector<Attr> attrs, const Expr& call, ExprEvaluator& evaluator,
                               ElaborateFrame& frame) {
  std::vector<ValueId> outputs;
  try {
    outputs = world_.builder.add_node(op, std::move(inputs), std::move(attrs),
                                      join_path(frame.statement, op.name), frame.at.layer,
                                      evaluator.expression().place_of(call));
  } catch (const Error& error) {
    evaluator.fail(call, error.what());
  }
  if (outputs.size() == 1) return make_object<TensorObject>(outputs.front());
  std::vector<ExprValue> results;
  for (const ValueId output : outputs) results.push_back(make_object<TensorObject>(output));
  return make_object<TupleObject>(std::move(results));
}

ExprValue Elaborator::call_function(const std::string& name, const FunctionDecl& function,
                                    const Expr& call, ExprEvaluator& evaluator,
                                    ElaborateFrame& frame) {
  if (std::find(calls_.begin(), calls_.end(), name) != calls_.end()) {
    std::string cycle;
    for (const std::string& caller : calls_) cycle += caller + " → ";
    evaluator.fail(call, "function " + in_quotes(name) + " calls itself: " + cycle + name);
  }
  std::vector<ExprValue> arguments = bind_arguments(name, function, call, evaluator);
  if (const OpDef* op = world_.composites->op_of(name)) {
    return call_composite(*op, arguments, call, evaluator, frame);
  }
  ElaborateFrame inner;
  inner.at = {join_path(frame.at.path, name), frame.at.prefix, frame.at.layer};
  for (size_t i = 0; i < arguments.size(); ++i) {
    inner.locals.emplace(function.args[i], std::move(arguments[i]));
  }
  calls_.push_back(name);
  std::vector<ExprValue> results = run_function(function.body, inner);
  calls_.pop_back();
  return results.size() == 1 ? results.front() : make_object<TupleObject>(std::move(results));
}

/// The function's arguments are the op's inputs, then its attributes.
ExprValue Elaborator::call_composite(const OpDef& op, const std::vector<ExprValue>& arguments,
                                     const Expr& call, ExprEvaluator& evaluator,
                                     ElaborateFrame& frame) {
  std::vector<ValueId> inputs;
  std::vector<Attr> attrs;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (i < op.inputs.size()) {
      inputs.push_back(input_id(op, i, arguments[i], call, evaluator));
    } else {
      add_attr(attrs, op, op.attrs[i - op.inputs.size()], arguments[i], call, evaluator);
    }
  }
  return add_node(op, std::move(inputs), std::move(attrs), call, evaluator, frame);
}

}  // namespace sirocco
