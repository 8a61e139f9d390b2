#include "config/elaborate_graph.hpp"

#include <unordered_map>
#include <unordered_set>

#include <sirocco/error.hpp>

#include "config/text.hpp"
#include "graph/attrs.hpp"

namespace sirocco {
namespace {

constexpr size_t kMaxNodes = 200'000;
constexpr size_t kMaxName = 512;
/// Of names and attributes together, so that no small document makes a large graph.
constexpr size_t kMaxBytes = 256u << 20;

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorKind::invalid_file, what);
}

size_t bytes_of(const AttrValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->size();
  if (const auto* ints = std::get_if<std::vector<int64_t>>(&value)) return 8 * ints->size();
  if (const auto* floats = std::get_if<std::vector<double>>(&value)) return 8 * floats->size();
  return 0;
}

}  // namespace

void GraphBuilder::charge(size_t bytes) {
  bytes_ += bytes;
  if (bytes_ > kMaxBytes) fail("the graph's names and attributes take more than 256 MiB");
}

ValueId GraphBuilder::add_value(Value value) {
  if (value.name.size() > kMaxName) {
    fail("the name " + in_quotes(value.name) + " has more than " + std::to_string(kMaxName) +
         " characters");
  }
  charge(value.name.size());
  graph_.values.push_back(std::move(value));
  return static_cast<ValueId>(graph_.values.size() - 1);
}

ValueId GraphBuilder::step_input(uint32_t kind) {
  const auto known = step_inputs_.find(kind);
  if (known != step_inputs_.end()) return known->second;
  const bool wanted = kind == SIROCCO_VALUE_WANTED;
  const char* name = kind == SIROCCO_VALUE_TOKENS ? "tokens" : wanted ? "wanted" : "positions";
  const TensorType type{SIROCCO_DTYPE_I32,
                        {Dim::of(wanted ? SIROCCO_SYM_ROWS : SIROCCO_SYM_TOKENS)}};
  const ValueId id = add_value({.name = name, .kind = kind, .type = type});
  step_inputs_.emplace(kind, id);
  return id;
}

std::vector<ValueId> GraphBuilder::add_node(const OpDef& op, std::vector<ValueId> inputs,
                                            std::vector<Attr> attrs, const std::string& name,
                                            int layer, const Place& place) {
  if (graph_.nodes.size() >= kMaxNodes) {
    fail("the graph has more than " + std::to_string(kMaxNodes) + " nodes");
  }
  Node node;
  node.op = &op;
  node.inputs = std::move(inputs);
  node.layer = layer;
  node.place = place;
  node.attrs = complete_attrs(op, std::move(attrs));
  resolve_activation_dtype(node.attrs, numerics_);
  for (const Attr& attr : node.attrs) charge(bytes_of(attr.value));
  std::vector<const TensorType*> types;
  for (const ValueId input : node.inputs) {
    types.push_back(input == kNone ? nullptr : &graph_.values[input].type);
  }
  std::vector<TensorType> outputs =
      infer_outputs(op, std::move(types), node.attrs, graph_.states, graph_.groups);
  const auto id = static_cast<NodeId>(graph_.nodes.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    node.outputs.push_back(
        add_value({.name = outputs.size() == 1 ? name : name + "." + op.outputs[i],
                   .type = std::move(outputs[i]),
                   .producer = id}));
  }
  graph_.nodes.push_back(std::move(node));
  return graph_.nodes.back().outputs;
}

void GraphBuilder::rename(ValueId value, const std::string& name) {
  if (name.size() > kMaxName) fail("the name " + in_quotes(name) + " is too long");
  charge(name.size());
  graph_.values[value].name = name;
}

void GraphBuilder::finish(size_t first_value, size_t first_node) {
  std::unordered_set<std::string> taken;
  std::unordered_map<std::string, size_t> rest;  // how many values of that name are still to come
  for (size_t id = 0; id < graph_.values.size(); ++id) {
    const Value& value = graph_.values[id];
    // Weights and step inputs are called what they are, whatever a statement is called.
    const bool fixed = id < first_value || value.kind != SIROCCO_VALUE_INTERNAL;
    if (fixed) taken.insert(value.name);
    if (!fixed) ++rest[value.name];
  }
  std::unordered_map<std::string, size_t> next;
  for (size_t id = first_value; id < graph_.values.size(); ++id) {
    Value& value = graph_.values[id];
    if (value.kind != SIROCCO_VALUE_INTERNAL) continue;
    const std::string name = value.name;
    const bool last = --rest[name] == 0;
    if (last && taken.insert(name).second) continue;
    do {
      value.name = name + "#" + std::to_string(++next[name]);
    } while (!taken.insert(value.name).second);
  }
  for (size_t id = first_node; id < graph_.nodes.size(); ++id) {
    Node& node = graph_.nodes[id];
    node.path = graph_.values[node.outputs.front()].name;
  }
}

}  // namespace sirocco
