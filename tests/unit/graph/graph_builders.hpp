#pragma once
// Short spellings for the tests of graphs and ops.

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <sirocco/error.hpp>

#include "graph/attrs.hpp"
#include "graph/op.hpp"

namespace sirocco::test {

inline const Dim kT = Dim::of(SIROCCO_SYM_TOKENS);
inline const Dim kS = Dim::of(SIROCCO_SYM_SEQS);
inline const Dim kR = Dim::of(SIROCCO_SYM_ROWS);

inline Dim c(int64_t extent) {
  return Dim::constant(extent);
}

inline TensorType f32(Shape shape) {
  return {SIROCCO_DTYPE_F32, std::move(shape), {}};
}
inline TensorType bf16(Shape shape) {
  return {SIROCCO_DTYPE_BF16, std::move(shape), {}};
}
inline TensorType i32(Shape shape) {
  return {SIROCCO_DTYPE_I32, std::move(shape), {}};
}

/// The built-in ops, made once.
inline const OpRegistry& builtin_ops() {
  static const OpRegistry registry = OpRegistry::with_builtin_ops();
  return registry;
}

inline const OpDef& builtin(const std::string& name) {
  const OpDef* op = builtin_ops().find("sirocco", name);
  if (!op) throw Error(ErrorKind::failure, "no op " + name);
  return *op;
}

/// A type that stands for an absent optional input.
inline const TensorType kAbsent{};

/// Inference as a reader of topologies runs it: defaults filled in, attributes checked.
inline std::vector<TensorType> infer(const OpDef& op, const std::vector<TensorType>& inputs,
                                     std::vector<Attr> attrs = {},
                                     const std::vector<StateMember>& states = {},
                                     const std::vector<StateGroup>& groups = {}) {
  std::vector<const TensorType*> pointers;
  for (const TensorType& input : inputs)
    pointers.push_back(input.dtype == SIROCCO_DTYPE_NONE ? nullptr : &input);
  const std::vector<Attr> complete = complete_attrs(op, std::move(attrs));
  return infer_outputs(op, pointers, complete, states, groups);
}

/// The type of the one output of a built-in op, as text.
inline std::string type_of(const std::string& op, const std::vector<TensorType>& inputs,
                           std::vector<Attr> attrs = {}) {
  return infer(builtin(op), inputs, std::move(attrs)).at(0).to_string();
}

/// What an Error of this kind says; the empty string where nothing is thrown, and other exceptions
/// and kinds in words, so that no assertion on a message passes by accident.
template <class Body>
std::string error_of(ErrorKind kind, Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.kind() == kind ? error.what() : std::string("other kind: ") + error.what();
  }
  return "";
}

/// The message of a built-in op's inference.
inline std::string infer_error(const std::string& op, const std::vector<TensorType>& inputs,
                               std::vector<Attr> attrs = {}) {
  return error_of(ErrorKind::invalid_file, [&] { infer(builtin(op), inputs, attrs); });
}

/// A graph put together by hand.
struct GraphBuilder {
  Graph graph;

  ValueId value(const std::string& name, TensorType type, uint32_t kind = SIROCCO_VALUE_INTERNAL) {
    graph.values.push_back({name, kind, std::move(type), kNone});
    return static_cast<ValueId>(graph.values.size() - 1);
  }
  ValueId weight(const std::string& name, TensorType type) {
    const ValueId id = value(name, std::move(type), SIROCCO_VALUE_WEIGHT);
    graph.weights.push_back({id, name});
    return id;
  }
  /// Adds a node with inferred outputs; returns the first of them.
  ValueId node(const OpDef& op, std::vector<ValueId> inputs, std::vector<Attr> attrs = {}) {
    Node node;
    node.op = &op;
    node.path = "n" + std::to_string(graph.nodes.size());
    node.inputs = std::move(inputs);
    node.attrs = complete_attrs(op, std::move(attrs));
    resolve_activation_dtype(node.attrs, SIROCCO_DTYPE_F32);
    std::vector<const TensorType*> types;
    for (const ValueId id : node.inputs)
      types.push_back(id == kNone ? nullptr : &graph.values[id].type);
    const auto outputs = infer_outputs(op, types, node.attrs, graph.states, graph.groups);
    for (size_t i = 0; i < outputs.size(); ++i) {
      node.outputs.push_back(value(node.path + "." + op.outputs[i], outputs[i]));
      graph.values.back().producer = static_cast<NodeId>(graph.nodes.size());
    }
    graph.nodes.push_back(std::move(node));
    return graph.nodes.back().outputs[0];
  }
  Cost cost(NodeId id, Extents extents, int64_t context = 0) const {
    return node_cost({graph.nodes[id], graph, extents, context});
  }
};

}  // namespace sirocco::test
