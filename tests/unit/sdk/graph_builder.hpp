#pragma once
// Graphs built by hand, as a host would hand them over.

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <sirocco/abi/graph.h>

namespace harness {

using Doubles = std::vector<double>;
using Dims = std::vector<sirocco_dim>;
using Options = std::map<std::string, std::string>;

inline sirocco_dim constant(int64_t n) {
  return {n, 0, SIROCCO_SYM_NONE};
}
inline sirocco_dim tokens(int32_t scale = 1) {
  return {0, scale, SIROCCO_SYM_TOKENS};
}
inline sirocco_dim seqs() {
  return {0, 1, SIROCCO_SYM_SEQS};
}
inline sirocco_dim rows() {
  return {0, 1, SIROCCO_SYM_ROWS};
}
inline sirocco_string text(const std::string& s) {
  return {s.data(), s.size()};
}

/// A graph whose arrays grow as it is built.
class Graph {
 public:
  uint32_t value(uint32_t kind, sirocco_dtype dtype, Dims dims) {
    sirocco_value value{};
    value.struct_size = sizeof value;
    value.name = keep("v" + std::to_string(values_.size()));
    value.kind = kind;
    value.producer = SIROCCO_NONE;
    value.tensor.struct_size = sizeof value.tensor;
    value.tensor.dtype = dtype;
    value.tensor.rank = static_cast<uint32_t>(dims.size());
    std::copy_n(dims.begin(), std::min<size_t>(dims.size(), SIROCCO_MAX_RANK), value.tensor.dims);
    values_.push_back(value);
    return static_cast<uint32_t>(values_.size() - 1);
  }
  uint32_t input(sirocco_dtype dtype, Dims dims) {
    return value(SIROCCO_VALUE_INPUT, dtype, std::move(dims));
  }
  uint32_t weight(sirocco_dtype dtype, Dims dims) {
    return value(SIROCCO_VALUE_WEIGHT, dtype, std::move(dims));
  }
  uint32_t internal(sirocco_dtype dtype, Dims dims) {
    return value(SIROCCO_VALUE_INTERNAL, dtype, std::move(dims));
  }
  uint32_t output(sirocco_dtype dtype, Dims dims) {
    return value(SIROCCO_VALUE_OUTPUT, dtype, std::move(dims));
  }

  int64_t state(sirocco_state state) {
    state.struct_size = sizeof state;
    states_.push_back(state);
    return static_cast<int64_t>(states_.size()) - 1;
  }

  sirocco_node& node(const std::string& op, std::vector<uint32_t> inputs,
                     std::vector<uint32_t> outputs, std::vector<sirocco_attr> attrs = {},
                     const std::string& domain = "sirocco") {
    sirocco_node node{};
    node.struct_size = sizeof node;
    node.domain = keep(domain);
    node.op = keep(op);
    node.version = 1;
    node.id = static_cast<uint32_t>(100 + nodes_.size());
    node.path = keep("test/" + op);
    for (uint32_t output : outputs) values_[output].producer = static_cast<uint32_t>(nodes_.size());
    const auto& kept_inputs = lists_.emplace_back(std::move(inputs));
    const auto& kept_outputs = lists_.emplace_back(std::move(outputs));
    const auto& kept_attrs = attrs_.emplace_back(std::move(attrs));
    node.inputs = kept_inputs.data();
    node.n_inputs = kept_inputs.size();
    node.outputs = kept_outputs.data();
    node.n_outputs = kept_outputs.size();
    node.attrs = kept_attrs.data();
    node.n_attrs = kept_attrs.size();
    node.attr_stride = sizeof(sirocco_attr);
    nodes_.push_back(node);
    return nodes_.back();
  }

  sirocco_attr attr(const std::string& name, uint32_t type) {
    sirocco_attr attr{};
    attr.struct_size = sizeof attr;
    attr.name = keep(name);
    attr.type = type;
    return attr;
  }
  sirocco_attr null(const std::string& name) { return attr(name, SIROCCO_ATTR_NULL); }
  sirocco_attr number(const std::string& name, int64_t value) {
    sirocco_attr made = attr(name, SIROCCO_ATTR_INT);
    made.i = value;
    return made;
  }
  sirocco_attr boolean(const std::string& name, bool value) {
    sirocco_attr made = attr(name, SIROCCO_ATTR_BOOL);
    made.i = value;
    return made;
  }
  sirocco_attr real(const std::string& name, double value) {
    sirocco_attr made = attr(name, SIROCCO_ATTR_FLOAT);
    made.f = value;
    return made;
  }
  sirocco_attr string(const std::string& name, const std::string& value) {
    sirocco_attr made = attr(name, SIROCCO_ATTR_STRING);
    made.s = keep(value);
    return made;
  }
  sirocco_attr state_ref(const std::string& name, int64_t index) {
    sirocco_attr made = attr(name, SIROCCO_ATTR_STATE);
    made.i = index;
    return made;
  }

  sirocco_graph get() const {
    return {sizeof(sirocco_graph), values_.data(), values_.size(),
            sizeof(sirocco_value), nodes_.data(),  nodes_.size(),
            sizeof(sirocco_node),  states_.data(), states_.size(),
            sizeof(sirocco_state)};
  }
  std::vector<sirocco_value>& values() { return values_; }
  const std::vector<sirocco_value>& values() const { return values_; }
  const std::vector<sirocco_state>& states() const { return states_; }

 private:
  sirocco_string keep(const std::string& s) { return text(strings_.emplace_back(s)); }

  std::vector<sirocco_value> values_;
  std::vector<sirocco_node> nodes_;
  std::vector<sirocco_state> states_;
  std::deque<std::string> strings_;
  std::deque<std::vector<uint32_t>> lists_;
  std::deque<std::vector<sirocco_attr>> attrs_;
};

}  // namespace harness
