#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/expression_value.hpp"
#include "config/text.hpp"

namespace sirocco {

// What an expression passes on between nodes of a graph.

struct TensorObject : ExprObject {
  explicit TensorObject(ValueId value_id) : id(value_id) {}
  std::string describe() const override { return "a tensor"; }
  ValueId id;
};

/// A weight, made a value of the graph where a node takes it.
struct WeightObject : ExprObject {
  explicit WeightObject(std::string weight_name) : name(std::move(weight_name)) {}
  std::string describe() const override { return "the weight " + in_quotes(name); }
  std::string name;  ///< "layers.3.wq"
};

/// A prefix of weight names: "layers.3".
struct PrefixObject : ExprObject {
  explicit PrefixObject(std::string prefix_text) : text(std::move(prefix_text)) {}
  std::string describe() const override { return "the prefix " + in_quotes(text); }
  std::string text;
};

struct StateObject : ExprObject {
  explicit StateObject(StateRef state_ref) : ref(state_ref) {}
  std::string describe() const override { return "a state"; }
  StateRef ref;
};

/// What an op or function with several results gives.
struct TupleObject : ExprObject {
  explicit TupleObject(std::vector<ExprValue> results) : items(std::move(results)) {}
  std::string describe() const override { return std::to_string(items.size()) + " values"; }
  std::vector<ExprValue> items;
};

template <typename T, typename... Args>
ExprValue make_object(Args&&... args) {
  return ExprValue(ExprValue::Object(std::make_shared<T>(std::forward<Args>(args)...)));
}

}  // namespace sirocco
