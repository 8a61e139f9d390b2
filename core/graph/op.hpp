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
  std::string name = {};
  std::string doc = {};  ///< shape and dtype: "[T, n] float"
  bool optional = false;
  bool variadic = false;             ///< the last input only: one or more
  uint32_t use = SIROCCO_USE_WHOLE;  ///< how a weight in this place is read
};

/// One attribute. A float takes an int too (and floats ints): `coerce_attr` in graph/attrs.hpp
/// turns it into a double, so that a completed node holds exactly the type named here, or null.
struct AttrSpec {
  std::string name = {};
  uint32_t type = SIROCCO_ATTR_NULL;
  std::optional<AttrValue> fallback = {};  ///< absent: the attribute is required
  std::string doc = {};
  std::vector<std::string> choices = {};  ///< of a string; empty: any
  bool nullable = false;  ///< null (std::monostate) may be given, or be the fallback
};

/// The value of a string attribute `dtype` that stands for the dtype of the numerics asked for. It
/// is replaced (`resolve_activation_dtype` in graph/attrs.hpp) before inference.
inline constexpr const char* kActivationDtype = "activation";

/// What an op's inference sees and fills. Throwing is done through `fail`, which adds the op's name
/// and the shapes; the caller adds the place.
class InferContext {
 public:
  /// `inputs` as `infer_outputs` has checked them; `groups` may be empty where they are not known.
  InferContext(const OpDef& op, std::span<const TensorType* const> inputs,
               std::span<const Attr> attrs, std::span<const StateMember> states,
               std::span<const StateGroup> groups = {});

  size_t n_inputs() const { return inputs_.size(); }
  /// nullptr where an optional input is absent.
  const TensorType* input(size_t index) const { return inputs_[index]; }
  std::span<const Attr> attrs() const { return attrs_; }
  int64_t attr_int(std::string_view name) const;
  double attr_float(std::string_view name) const;
  bool attr_bool(std::string_view name) const;
  const std::string& attr_string(std::string_view name) const;
  const std::vector<int64_t>& attr_ints(std::string_view name) const;
  const StateMember& attr_state(std::string_view name) const;
  /// The group of that state; nullptr where groups are not known here.
  const StateGroup* attr_state_group(std::string_view name) const;
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
  std::span<const StateGroup> groups_;
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
  int64_t context = 0;  ///< tokens a sequence holds after the step, for ops that read state
};

/// The one definition of an op: schema, inference, cost, documentation, and what it is made of.
struct OpDef {
  std::string domain = "sirocco";
  std::string name = {};
  uint32_t version = 1;
  std::string doc = {};      ///< one line
  std::string formula = {};  ///< with shapes, dtypes and accumulation; may run over several lines
  std::vector<InputSpec> inputs = {};
  std::vector<std::string> outputs = {};  ///< their names
  std::vector<AttrSpec> attrs = {};
  /// Types of the outputs, as many as `outputs`.
  std::function<std::vector<TensorType>(const InferContext&)> infer = {};
  std::function<Cost(const CostContext&)> cost = {};  ///< may be empty: bytes of inputs and outputs
  /// A function body in the topology language over the names of inputs and attributes, in YAML
  /// ("- y: mul(x, x)\n- return: y\n"); empty for an op that only a kernel defines.
  std::string decomposition = {};
  std::string provider = {};  ///< the plugin that brought it; empty for the host's own

  std::string full_name() const { return domain == "sirocco" ? name : domain + "." + name; }
};

/// The ops one engine knows: the host's own and those of its plugins.
class OpRegistry {
 public:
  /// Every op under core/graph/ops.
  static OpRegistry with_builtin_ops();

  /// Throws Error(plugin) where the name and version are taken or the definition breaks a rule (no
  /// output, an optional input before a required one, a variadic one that is not last, …).
  void add(OpDef op);
  /// The newest version of that name; nullptr where there is none.
  const OpDef* find(std::string_view domain, std::string_view name) const;
  /// By name, then version.
  std::vector<const OpDef*> all() const;
  /// The known full name nearest to a misspelt one; empty where none is near.
  std::string suggest(std::string_view name) const;

 private:
  std::vector<std::unique_ptr<OpDef>> ops_;
};

/// Checks the number of inputs, runs the op's inference and checks what it answers: as many types
/// as outputs, known dtypes, rank ≤ SIROCCO_MAX_RANK, positive extents, no overflow. `inputs` holds
/// nullptr for an absent optional input; absent ones at the end may be left out. Attributes are
/// complete. Throws Error(invalid_file), as `InferContext::fail`.
std::vector<TensorType> infer_outputs(const OpDef& op, std::vector<const TensorType*> inputs,
                                      std::span<const Attr> attrs,
                                      std::span<const StateMember> states,
                                      std::span<const StateGroup> groups = {});

/// The op's own cost, or no FLOPs and `value_bytes` where it has none.
Cost node_cost(const CostContext& context);
/// Bytes of the node's inputs and outputs, each value once.
double value_bytes(const CostContext& context);

}  // namespace sirocco
