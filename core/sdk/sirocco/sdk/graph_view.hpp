#pragma once
// Reading graphs: values, nodes and typed attributes, whatever the age of the host's structs.
// Everything throws StatusError(SIROCCO_INVALID_ARGUMENT) instead of reading what is not there.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <sirocco/abi/graph.h>
#include <sirocco/sdk/struct_io.hpp>
#include <sirocco/sdk/tensor.hpp>

namespace sirocco::sdk {

/// One value of a graph. Strings live as long as the host's graph.
class ValueView {
 public:
  explicit ValueView(const sirocco_value& value) : value_(value) {
    if (value_.tensor.rank > SIROCCO_MAX_RANK)
      throw StatusError(SIROCCO_INVALID_ARGUMENT,
                        std::string(name()) + " has more dimensions than the ABI allows");
  }
  std::string_view name() const { return view(value_.name); }
  uint32_t kind() const { return value_.kind; }
  const sirocco_tensor& tensor() const { return value_.tensor; }
  sirocco_dtype dtype() const { return value_.tensor.dtype; }
  bool is_float() const { return sdk::is_float(dtype()); }
  uint32_t rank() const { return value_.tensor.rank; }
  /// A negative axis counts from the end.
  const sirocco_dim& dim(int axis) const {
    const int rank = static_cast<int>(value_.tensor.rank);
    const int index = axis < 0 ? axis + rank : axis;
    if (index < 0 || index >= rank)
      throw StatusError(SIROCCO_INVALID_ARGUMENT,
                        std::string(name()) + " has no dimension " + std::to_string(axis));
    return value_.tensor.dims[index];
  }
  bool same_shape(const ValueView& other) const {
    if (rank() != other.rank()) return false;
    for (uint32_t i = 0; i < rank(); ++i)
      if (!same_dim(tensor().dims[i], other.tensor().dims[i])) return false;
    return true;
  }
  bool same_type(const ValueView& other) const {
    return dtype() == other.dtype() && same_shape(other);
  }

 private:
  sirocco_value value_;
};

/// The attributes of a node, or those that an op's inference gets.
class AttrView {
 public:
  /// `owner` names the node in messages.
  AttrView(const sirocco_attr* attrs, size_t n_attrs, size_t stride, std::string_view owner)
      : attrs_(attrs), n_attrs_(n_attrs), stride_(stride), owner_(owner) {}

  /// An attribute is null where it is absent or was given as null.
  bool attr_is_null(std::string_view name) const {
    const auto attr = find(name);
    return !attr || attr->type == SIROCCO_ATTR_NULL;
  }
  int64_t attr_int(std::string_view name) const { return typed(name, SIROCCO_ATTR_INT).i; }
  bool attr_bool(std::string_view name) const { return typed(name, SIROCCO_ATTR_BOOL).i != 0; }
  /// Takes an int too.
  double attr_float(std::string_view name) const {
    const auto attr = find(name);
    if (attr && attr->type == SIROCCO_ATTR_INT) return static_cast<double>(attr->i);
    return typed(name, SIROCCO_ATTR_FLOAT).f;
  }
  /// Lives as long as the host's graph, as do the lists.
  std::string_view attr_string(std::string_view name) const {
    return view(typed(name, SIROCCO_ATTR_STRING).s);
  }
  std::span<const int64_t> attr_ints(std::string_view name) const {
    const sirocco_attr attr = typed(name, SIROCCO_ATTR_INTS);
    return {attr.ints, attr.count};
  }
  std::span<const double> attr_floats(std::string_view name) const {
    const sirocco_attr attr = typed(name, SIROCCO_ATTR_FLOATS);
    return {attr.floats, attr.count};
  }
  std::optional<int64_t> attr_int_or_null(std::string_view name) const {
    if (attr_is_null(name)) return std::nullopt;
    return attr_int(name);
  }
  std::optional<double> attr_float_or_null(std::string_view name) const {
    if (attr_is_null(name)) return std::nullopt;
    return attr_float(name);
  }

 protected:
  std::optional<sirocco_attr> find(std::string_view name) const {
    for (size_t i = 0; i < n_attrs_; ++i) {
      const sirocco_attr attr = read_element(attrs_, stride_, i);
      if (view(attr.name) == name) return attr;
    }
    return std::nullopt;
  }
  std::optional<sirocco_attr> find_type(uint32_t type) const {
    for (size_t i = 0; i < n_attrs_; ++i) {
      const sirocco_attr attr = read_element(attrs_, stride_, i);
      if (attr.type == type) return attr;
    }
    return std::nullopt;
  }
  sirocco_attr typed(std::string_view name, uint32_t type) const {
    const auto attr = find(name);
    if (!attr) fail("has no attribute " + std::string(name));
    if (attr->type != type)
      fail("has an attribute " + std::string(name) + " of type " + type_name(attr->type) +
           ", expected " + type_name(type));
    return *attr;
  }
  static std::string type_name(uint32_t type) {
    constexpr const char* kNames[] = {"null",   "int",  "float",  "bool",
                                      "string", "ints", "floats", "state"};
    return type < std::size(kNames) ? kNames[type] : "unknown (" + std::to_string(type) + ")";
  }
  [[noreturn]] void fail(const std::string& message) const {
    throw StatusError(SIROCCO_INVALID_ARGUMENT, std::string(owner_) + " " + message);
  }

 private:
  const sirocco_attr* attrs_;
  size_t n_attrs_;
  size_t stride_;
  std::string_view owner_;
};

class NodeView;

class GraphView {
 public:
  explicit GraphView(const sirocco_graph* graph) : graph_(read_struct<sirocco_graph>(graph)) {}

  size_t n_values() const { return graph_.n_values; }
  size_t n_nodes() const { return graph_.n_nodes; }
  size_t n_states() const { return graph_.n_states; }
  ValueView value(size_t index) const {
    check(index, graph_.n_values, "value");
    return ValueView(read_element(graph_.values, graph_.value_stride, index));
  }
  sirocco_state state(size_t index) const {
    check(index, graph_.n_states, "state");
    return read_element(graph_.states, graph_.state_stride, index);
  }
  NodeView node(size_t index) const;

 private:
  static void check(size_t index, size_t size, const char* what) {
    if (index >= size)
      throw StatusError(SIROCCO_INVALID_ARGUMENT, std::string("the graph has no ") + what + " " +
                                                      std::to_string(index) + ", only " +
                                                      std::to_string(size));
  }
  friend class NodeView;
  sirocco_graph graph_;
};

/// One node of a graph, which outlives it.
class NodeView : public AttrView {
 public:
  NodeView(const GraphView& graph, const sirocco_node& node)
      : AttrView(node.attrs, node.n_attrs, node.attr_stride, view(node.path)),
        graph_(&graph),
        node_(node) {}

  std::string_view domain() const { return view(node_.domain); }
  std::string_view op() const { return view(node_.op); }
  uint32_t version() const { return node_.version; }
  uint32_t id() const { return node_.id; }
  std::string_view path() const { return view(node_.path); }

  /// Absent optional inputs included.
  size_t n_inputs() const { return node_.n_inputs; }
  size_t n_outputs() const { return node_.n_outputs; }
  bool has_input(size_t index) const {
    return index < node_.n_inputs && node_.inputs[index] != SIROCCO_NONE;
  }
  ValueView input(size_t index) const { return graph_->value(input_index(index)); }
  ValueView output(size_t index) const { return graph_->value(output_index(index)); }
  /// Indices into the graph's values.
  uint32_t input_index(size_t index) const {
    if (!has_input(index)) fail("has no input " + std::to_string(index));
    return node_.inputs[index];
  }
  uint32_t output_index(size_t index) const {
    if (index >= node_.n_outputs) fail("has no output " + std::to_string(index));
    return node_.outputs[index];
  }

  sirocco_state attr_state(std::string_view name) const {
    const int64_t index = typed(name, SIROCCO_ATTR_STATE).i;
    if (index < 0) fail("names a negative state");
    return graph_->state(static_cast<size_t>(index));
  }
  /// The state that any attribute of the node names, if one does.
  std::optional<sirocco_state> state() const {
    const auto attr = find_type(SIROCCO_ATTR_STATE);
    if (!attr) return std::nullopt;
    return attr_state(view(attr->name));
  }

 private:
  const GraphView* graph_;
  sirocco_node node_;
};

inline NodeView GraphView::node(size_t index) const {
  check(index, graph_.n_nodes, "node");
  return NodeView(*this, read_element(graph_.nodes, graph_.node_stride, index));
}

}  // namespace sirocco::sdk
