#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <sirocco/abi/graph.h>

#include "graph/tensor_type.hpp"

namespace sirocco {

struct OpDef;

using ValueId = uint32_t;
using NodeId = uint32_t;
/// An absent optional input, or no producer.
inline constexpr uint32_t kNone = SIROCCO_NONE;

/// A place in a document, for messages: "file:line:column" (1-based; line 0: unknown).
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
  std::string to_string() const;
};

/// An index into Graph::states.
struct StateRef {
  uint32_t index = 0;
  bool operator==(const StateRef&) const = default;
};

using AttrValue = std::variant<std::monostate, int64_t, double, bool, std::string,
                               std::vector<int64_t>, std::vector<double>, StateRef>;

struct Attr {
  std::string name;
  AttrValue value;
};

/// A tensor of the graph: made once (SSA), by a node, from a weight or from the step buffer.
struct Value {
  std::string name;  ///< "layers.3/q"; a weight's canonical name; unique in the graph
  uint32_t kind = SIROCCO_VALUE_INTERNAL;  ///< INTERNAL, WEIGHT, or one of the step buffer
  TensorType type;
  NodeId producer = kNone;
};

struct Node {
  const OpDef* op = nullptr;    ///< owned by the registry, which outlives the graph
  std::vector<ValueId> inputs;  ///< schema order; kNone where an optional input is absent
  std::vector<ValueId> outputs;
  std::vector<Attr> attrs;  ///< schema order, complete: defaults are filled in
  std::string path;         ///< "layers.3/q"
  int layer = -1;           ///< index of the outermost `repeat`, -1 outside
  Place place;              ///< in the topology

  const AttrValue* find_attr(std::string_view name) const;
};

/// A weight that the graph uses, and what it is called in the checkpoint.
struct GraphWeight {
  ValueId value = kNone;
  std::string file_name;  ///< name in the checkpoint's layout
};

/// One state of one layer; members of a group share block tables.
struct StateMember {
  std::string name;  ///< "kv[3]"
  uint32_t group = 0;
  uint32_t member = 0;  ///< index within the group
  int64_t heads = 0;
  int64_t k_dim = 0;
  int64_t v_dim = 0;
  int64_t elements = 0;  ///< recurrent: elements a sequence
};

struct StateGroup {
  std::string name;  ///< "kv", "kv/window=16"
  uint32_t kind = SIROCCO_STATE_PAGED;
  int64_t window = 0;  ///< 0: full
  uint32_t page_tokens = 16;
  sirocco_dtype dtype = SIROCCO_DTYPE_F32;
};

struct GraphOutput {
  std::string name;  ///< "logits"
  ValueId value = kNone;
};

/// A model's steps as data: SSA nodes in an order in which they can run.
struct Graph {
  std::vector<Value> values;
  std::vector<Node> nodes;
  std::vector<GraphWeight> weights;
  std::vector<StateGroup> groups;
  std::vector<StateMember> states;
  std::vector<GraphOutput> outputs;

  const GraphOutput* find_output(std::string_view name) const;
  /// kNone where there is none of that name.
  ValueId find_value(std::string_view name) const;
};

}  // namespace sirocco
