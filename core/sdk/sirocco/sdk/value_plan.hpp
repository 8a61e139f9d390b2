#pragma once
// The values of a sub-graph as they are planned: which nodes make and use them, and where they lie
// in the workspace. Where they are in a step depends on the device (value_table.hpp,
// accelerator_executable.hpp).

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <sirocco/abi/backend.h>
#include <sirocco/sdk/arena.hpp>
#include <sirocco/sdk/graph_view.hpp>
#include <sirocco/sdk/tensor.hpp>

namespace sirocco::sdk {

/// The layout that `pack_query` answers where the device cannot use the bytes as they are mapped.
inline constexpr std::string_view kRowsLayout = "rows/1";

/// Throws StatusError(SIROCCO_INVALID_ARGUMENT): the graph, or what is bound, contradicts itself.
[[noreturn]] inline void refuse(const std::string& message) {
  throw StatusError(SIROCCO_INVALID_ARGUMENT, message);
}

/// Nodes are told to it in the order in which they run. Nodes that run as one, in whatever order
/// inside, are one step of that order: they share an `index`.
class ValuePlan {
 public:
  static constexpr uint32_t kNever = UINT32_MAX;

  struct Value {
    uint32_t kind = SIROCCO_VALUE_INTERNAL;
    sirocco_tensor tensor{};
    uint64_t offset = 0;      ///< internal: in the workspace
    uint32_t first = kNever;  ///< the nodes that make it and use it last
    uint32_t last = kNever;
    bool bound() const { return kind != SIROCCO_VALUE_INTERNAL; }
    bool used() const { return last != kNever; }
    bool written() const { return first != kNever; }
  };

  /// Throws StatusError for a value that no step could hold, or a weight in an unknown layout.
  void read(const GraphView& graph, const sirocco_compile_options& options) {
    for (size_t i = 0; i < graph.n_values(); ++i) {
      const ValueView value = graph.value(i);
      for (uint32_t axis = 0; axis < value.rank(); ++axis)
        if (value.tensor().dims[axis].scale < 0 || value.tensor().dims[axis].base < 0)
          refuse(std::string(value.name()) + " has a dimension that shrinks as the step grows");
      if (value.kind() == SIROCCO_VALUE_WEIGHT && options.layouts && options.layouts[i])
        check_layout(value, options.layouts[i]);
      Value& kept = values_.emplace_back();
      kept.kind = value.kind();
      kept.tensor = value.tensor();
      kept.tensor.quant = nullptr;  // the host's, and gone after this call
    }
  }

  size_t size() const { return values_.size(); }
  const Value& operator[](size_t index) const { return values_[index]; }

  void use(const GraphView& graph, uint32_t value, uint32_t index) {
    if (value >= values_.size()) refuse("a node uses a value that the graph lacks");
    Value& used = values_[value];
    const bool made_here = !used.bound() || used.kind == SIROCCO_VALUE_OUTPUT;
    if (made_here && !used.written())
      refuse(std::string(graph.value(value).name()) + " is used before it is made");
    used.last = index;
  }

  void make(const GraphView& graph, uint32_t value, uint32_t index) {
    if (value >= values_.size()) refuse("a node makes a value that the graph lacks");
    Value& made = values_[value];
    if (made.written() || (made.bound() && made.kind != SIROCCO_VALUE_OUTPUT))
      refuse(std::string(graph.value(value).name()) + " is made twice, or was not to be made here");
    made.first = made.last = index;
  }

  /// Places the internal values; returns the bytes they take, a multiple of the alignment.
  uint64_t lay_out(const Extents& largest, uint64_t alignment) {
    std::vector<ArenaItem> items;
    std::vector<Value*> owners;
    for (Value& value : values_) {
      if (value.bound() || !value.used()) continue;
      const auto bytes = static_cast<uint64_t>(tensor_bytes(value.tensor, largest));
      items.push_back({bytes, value.first, value.last, 0});
      owners.push_back(&value);
    }
    const uint64_t total = plan_arena(items, alignment);
    for (size_t i = 0; i < items.size(); ++i) owners[i]->offset = items[i].offset;
    return total;
  }

 private:
  static void check_layout(const ValueView& value, const sirocco_pack_plan* given) {
    const auto layout = read_struct<sirocco_pack_plan>(given);
    const std::string_view name(layout.layout, strnlen(layout.layout, sizeof layout.layout));
    if (!layout.as_mapped && name != kRowsLayout)
      refuse(std::string(value.name()) + " is packed as \"" + std::string(name) +
             "\", which this backend does not know");
  }

  std::vector<Value> values_;
};

}  // namespace sirocco::sdk
