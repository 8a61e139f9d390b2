#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sirocco/abi/backend.h>

#include "graph/graph.hpp"

namespace sirocco {

struct InputSpec {
  std::string name;
  std::string doc;  ///< shape and dtype: "[T, n] float"
  bool optional = false;
  bool variadic = false;  ///< the last input only: one or more
  uint32_t use = SIROCCO_USE_WHOLE;  ///< how a weight in this place is read
};

struct AttrSpec {
  std::string name;
  uint32_t type = SIROCCO_ATTR_NULL;
  std::optional<AttrValue> fallback;  ///< absent: the attribute is required
  std::string doc;
  std::vector<std::string> choices;  ///< of a string; empty: any
};

/// What an op's inference sees and fills. Throwing is done through `fail`, which adds the op's name
/// and the shapes; the caller adds the place.
class InferContext {
 public:
  InferContext(const OpDef& op, std::span<const TensorType* const> inputs,
               std::span<const Attr> attrs, std::span<const StateMember> states);

  size_t n_inputs() const { return inputs_.size(); }
  /// nullptr where an optional input is absent.
  const TensorType* input(size_t index) const { return inputs_[index]; }
  int64_t attr_int(std::string_view name) const;
  double attr_float(std::string_view name) const;
  bool attr_bool(std::string_view name) const;
  const std::string& attr_string(std::string_view name) const;
  const std::vector<int64_t>& attr_ints(std::string_view name) const;
  const StateMember& attr_state(std::string_view name) const;
  bool attr_is_null(std::string_view name) const;

  /// Throws Error(invalid_file): "linear(x: f32 [T, 4], weight: bf16 [8, 5]): <message>".
  [[noreturn]] void fail(const std::string& message) const;
  /// As `fail` unless the condition holds.
  void require(bool condition, const std::string& message) const;
  /// Input `index` has this rank and a float dtype.
  void require_float(size_t index, size_t rank) const;

 private:
  const AttrValue& attr(std::string_view name) const;
  const OpDef& op_;
  std::span<const TensorType* const> inputs_;
  std::span<const Attr> attrs_;
  std::span<const StateMember> states_;
};

/// Work of one node at given sizes, for reports and for splitting.
struct Cost {
  double flops = 0;
  double bytes = 0;  ///< unique bytes read and written, state included
};

struct CostContext {
  const Node& node;
  const Graph& graph;
  Extents extents;
  int64_t context = 0;  ///< tokens a sequence holds, for ops that read state
};

/// The one definition of an op: schema, inference, cost, documentation, and what it is made of.
struct OpDef {
  std::string domain = "sirocco";
  std::string name;
  uint32_t version = 1;
  std::string doc;      ///< one line
  std::string formula;  ///< with shapes, dtypes and accumulation; may run over several lines
  std::vector<InputSpec> inputs;
  std::vector<std::string> outputs;  ///< their names
  std::vector<AttrSpec> attrs;
  /// Types of the outputs, as many as `outputs`.
  std::function<std::vector<TensorType>(const InferContext&)> infer;
  std::function<Cost(const CostContext&)> cost;  ///< may be empty: bytes of inputs and outputs
  /// A function body in the topology language over the names of inputs and attributes, in YAML
  /// ("- y: mul(x, x)\n- return: y\n"); empty for an op that only a kernel defines.
  std::string decomposition;
  std::string provider;  ///< the plugin that brought it; empty for the host's own

  std::string full_name() const { return domain == "sirocco" ? name : domain + "." + name; }
};

/// The ops one engine knows: the host's own and those of its plugins.
class OpRegistry {
 public:
  /// Every op under core/graph/ops.
  static OpRegistry with_builtin_ops();

  /// Throws Error(plugin) where the name is taken or the definition breaks a rule (no output, an
  /// optional input before a required one, a variadic one that is not last, …).
  void add(OpDef op);
  /// The newest version of that name; nullptr where there is none.
  const OpDef* find(std::string_view domain, std::string_view name) const;
  /// By name, then version.
  std::vector<const OpDef*> all() const;
  /// The known name nearest to a misspelt one; empty where none is near.
  std::string suggest(std::string_view name) const;

 private:
  std::vector<std::unique_ptr<OpDef>> ops_;
};

}  // namespace sirocco
