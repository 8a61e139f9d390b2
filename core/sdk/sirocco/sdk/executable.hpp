#pragma once
// A sub-graph compiled for kernels that run one after the other: internal values laid out by
// liveness, everything a step needs allocated beforehand.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sirocco/sdk/arena.hpp>
#include <sirocco/sdk/backend_options.hpp>
#include <sirocco/sdk/device_memory.hpp>
#include <sirocco/sdk/kernel.hpp>
#include <sirocco/sdk/state_store.hpp>

namespace sirocco::sdk {

/// The layout that `pack_query` answers where the device cannot use the bytes as they are mapped.
inline constexpr std::string_view kRowsLayout = "rows/1";

/// What an executable is made for.
struct ExecutableContext {
  const BackendOptions& options;
  const Team& team;
  /// The kernel for a node. Throws Declined.
  std::function<const Kernel&(const NodeView&)> find_kernel;
};

class Executable {
 public:
  /// Throws StatusError for a graph that was not claimed, or that contradicts itself.
  Executable(const ExecutableContext& context, const sirocco_graph* graph,
             const sirocco_compile_options* options)
      : team_(context.team) {
    const GraphView view(graph);
    const auto asked = read_struct<sirocco_compile_options>(options);
    if (!asked.limits) throw StatusError(SIROCCO_INVALID_ARGUMENT, "compile without limits");
    limits_ = read_struct<sirocco_limits>(asked.limits);
    set_buckets(context.options);
    read_values(view, asked);
    for (size_t i = 0; i < view.n_nodes(); ++i) add_node(context, view, view.node(i));
    lay_out_workspace();
    if (asked.flags & SIROCCO_COMPILE_TIMED) times_.resize(nodes_.size() * team_.size());
    tensors_.resize(values_.size());
  }

  sirocco_executable_info info() const {
    sirocco_executable_info info{};
    info.struct_size = sizeof info;
    info.workspace_bytes = workspace_bytes_;
    info.token_buckets = token_buckets_.data();
    info.n_token_buckets = token_buckets_.size();
    info.seq_buckets = seq_buckets_.data();
    info.n_seq_buckets = seq_buckets_.size();
    info.row_buckets = row_buckets_.data();
    info.n_row_buckets = row_buckets_.size();
    info.launches = launches_;
    return info;
  }

  void execute(const DeviceMemory& memory, const sirocco_bindings* given_bindings,
               const sirocco_step* given_step) {
    const auto bindings = read_struct<sirocco_bindings>(given_bindings);
    const StepView step = read_step(memory, read_struct<sirocco_step>(given_step));
    check_step(step);
    resolve(memory, bindings, step.extents());
    std::fill(times_.begin(), times_.end(), sirocco_node_time{});
    for (size_t i = 0; i < nodes_.size(); ++i) run(i, bindings, step);
  }

  /// As `sirocco_backend_interface::read_times`; only threads that had work are counted.
  size_t read_times(sirocco_node_time* times, size_t capacity) const {
    size_t count = 0;
    for (const sirocco_node_time& time : times_) {
      if (time.begin_ns == 0) continue;
      if (count < capacity) times[count] = time;
      ++count;
    }
    return count;
  }

 private:
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

  struct Node {
    const Kernel* kernel = nullptr;
    uint32_t id = 0;
    std::string path;
    std::vector<uint32_t> inputs;
    std::vector<uint32_t> outputs;
    std::optional<sirocco_state> state;
    Params params;
    uint64_t scratch_bytes = 0;
  };

  [[noreturn]] static void refuse(const std::string& message) {
    throw StatusError(SIROCCO_INVALID_ARGUMENT, message);
  }

  void set_buckets(const BackendOptions& options) {
    const auto buckets = [](std::vector<int64_t> sizes, int64_t& limit) {
      if (sizes.empty()) return sizes;
      if (sizes.back() < limit) sizes.push_back(limit);
      limit = *std::ranges::lower_bound(sizes, limit);
      sizes.erase(std::ranges::upper_bound(sizes, limit), sizes.end());
      return sizes;
    };
    token_buckets_ = buckets(options.token_buckets, limits_.max_tokens);
    seq_buckets_ = buckets(options.seq_buckets, limits_.max_seqs);
    row_buckets_ = buckets(options.row_buckets, limits_.max_rows);
  }

  Extents largest() const { return {limits_.max_tokens, limits_.max_seqs, limits_.max_rows}; }

  void read_values(const GraphView& graph, const sirocco_compile_options& options) {
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

  static void check_layout(const ValueView& value, const sirocco_pack_plan* given) {
    const auto layout = read_struct<sirocco_pack_plan>(given);
    const std::string_view name(layout.layout, strnlen(layout.layout, sizeof layout.layout));
    if (!layout.as_mapped && name != kRowsLayout)
      refuse(std::string(value.name()) + " is packed as \"" + std::string(name) +
             "\", which this backend does not know");
  }

  void add_node(const ExecutableContext& context, const GraphView& graph, const NodeView& view) {
    Node node;
    node.id = view.id();
    node.path = view.path();
    try {
      node.kernel = &context.find_kernel(view);
    } catch (const Declined& declined) {
      throw StatusError(SIROCCO_UNSUPPORTED, node.path + ": " + declined.what());
    }
    const auto index = static_cast<uint32_t>(nodes_.size());
    for (size_t i = 0; i < view.n_inputs(); ++i) {
      node.inputs.push_back(view.has_input(i) ? view.input_index(i) : SIROCCO_NONE);
      if (view.has_input(i)) use(graph, view.input_index(i), index);
    }
    for (size_t i = 0; i < view.n_outputs(); ++i) {
      node.outputs.push_back(view.output_index(i));
      make(graph, view.output_index(i), index);
    }
    node.state = view.state();
    if (node.kernel->prepare) node.params = node.kernel->prepare(view);
    if (node.kernel->scratch) node.scratch_bytes = node.kernel->scratch(view, limits_);
    scratch_bytes_ = std::max(scratch_bytes_, (node.scratch_bytes + 63) / 64 * 64);
    nodes_.push_back(std::move(node));
  }

  void use(const GraphView& graph, uint32_t value, uint32_t node) {
    if (value >= values_.size()) refuse("a node uses a value that the graph lacks");
    Value& used = values_[value];
    const bool made_here = !used.bound() || used.kind == SIROCCO_VALUE_OUTPUT;
    if (made_here && !used.written())
      refuse(std::string(graph.value(value).name()) + " is used before it is made");
    used.last = node;
  }

  void make(const GraphView& graph, uint32_t value, uint32_t node) {
    if (value >= values_.size()) refuse("a node makes a value that the graph lacks");
    Value& made = values_[value];
    if (made.written() || (made.bound() && made.kind != SIROCCO_VALUE_OUTPUT))
      refuse(std::string(graph.value(value).name()) + " is made twice, or was not to be made here");
    made.first = made.last = node;
  }

  void lay_out_workspace() {
    std::vector<ArenaItem> items;
    std::vector<Value*> owners;
    for (Value& value : values_) {
      if (value.bound() || !value.used()) continue;
      const auto bytes = static_cast<uint64_t>(tensor_bytes(value.tensor, largest()));
      items.push_back({bytes, value.first, value.last, 0});
      owners.push_back(&value);
    }
    scratch_offset_ = plan_arena(items, DeviceMemory::kAlignment);
    for (size_t i = 0; i < items.size(); ++i) owners[i]->offset = items[i].offset;
    uint64_t scratch = 0;
    if (__builtin_mul_overflow(scratch_bytes_, uint64_t{team_.size()}, &scratch) ||
        __builtin_add_overflow(scratch_offset_, scratch, &workspace_bytes_))
      throw StatusError(SIROCCO_OUT_OF_MEMORY, "the workspace overflows 64 bits");
  }

  static StepView read_step(const DeviceMemory& memory, const sirocco_step& step) {
    if (!step.device.buffer) {
      if (!step.host) refuse("a step has no step buffer");
      return StepView(step.host, static_cast<uint64_t>(std::max(step.host[SIROCCO_STEP_SIZE], 0)));
    }
    const std::byte* data = memory.resolve(step.device, step.device.size, false);
    if (!aligned(data, alignof(int32_t))) refuse("the step buffer is not aligned");
    return StepView(reinterpret_cast<const int32_t*>(data), step.device.size / sizeof(int32_t));
  }

  void check_step(const StepView& step) const {
    step.check(limits_);
    const auto fits = [](const std::vector<int64_t>& buckets, int64_t size, const char* what) {
      if (!buckets.empty() && !std::ranges::binary_search(buckets, size))
        refuse(std::to_string(size) + " " + what + " are none of the buckets asked for");
    };
    fits(token_buckets_, step.n_tokens(), "tokens");
    fits(seq_buckets_, step.n_seqs(), "sequences");
    fits(row_buckets_, step.n_rows(), "wanted rows");
  }

  /// Fills `tensors_` with where each value lies in this step.
  void resolve(const DeviceMemory& memory, const sirocco_bindings& bindings,
               const Extents& extents) {
    if (bindings.n_values < values_.size()) refuse("fewer values are bound than the graph has");
    workspace_ = nullptr;
    if (workspace_bytes_) workspace_ = memory.resolve(bindings.workspace, workspace_bytes_, true);
    if (!aligned(workspace_, DeviceMemory::kAlignment)) refuse("the workspace is not aligned");
    for (size_t i = 0; i < values_.size(); ++i) {
      const Value& value = values_[i];
      if (!value.used()) continue;
      Tensor& tensor = tensors_[i];
      tensor.dtype = value.tensor.dtype;
      tensor.rank = value.tensor.rank;
      tensor.elements = 1;
      for (uint32_t axis = 0; axis < tensor.rank; ++axis) {
        tensor.dims[axis] = extent(value.tensor.dims[axis], extents);
        tensor.elements = checked_product(tensor.elements, tensor.dims[axis]);
      }
      tensor.bytes = checked_product(tensor.elements, dtype_bytes(tensor.dtype));
      const auto bytes = static_cast<uint64_t>(tensor.bytes);
      tensor.data = value.bound() ? memory.resolve(bindings.values[i], bytes, value.written())
                                  : workspace_ + value.offset;
      const auto natural = static_cast<size_t>(dtype_bytes(tensor.dtype));
      if (value.kind != SIROCCO_VALUE_WEIGHT && !aligned(tensor.data, natural))
        refuse("a value is bound at an address that its dtype does not allow");
    }
  }

  static bool aligned(const void* data, size_t alignment) {
    return reinterpret_cast<uintptr_t>(data) % alignment == 0;
  }

  StateView bind_state(const Node& node, const sirocco_bindings& bindings,
                       const StepView& step) const {
    const uint32_t group = node.state->group;
    if (group >= bindings.n_states || !bindings.states[group]) refuse("its state is not bound");
    const auto& store = *reinterpret_cast<const StateStore*>(bindings.states[group]);
    const StateLayout& layout = store.layout();
    if (layout.paged) {
      step.check_paged(group, layout.page_tokens, layout.n_pages);
    } else {
      step.check_recurrent(group, layout.n_pages);
    }
    return store.view(*node.state);
  }

  void run(size_t index, const sirocco_bindings& bindings, const StepView& step) {
    const Node& node = nodes_[index];
    try {
      StateView state;
      if (node.state) state = bind_state(node, bindings, step);
      sirocco_node_time* times = times_.empty() ? nullptr : &times_[index * team_.size()];
      for (uint32_t thread = 0; times && thread < team_.size(); ++thread)
        times[thread] = {node.id, thread, 0, 0};
      const uint64_t started = times ? now_ns() : 0;
      node.kernel->run(KernelCall({.tensors = tensors_,
                                   .inputs = node.inputs,
                                   .outputs = node.outputs,
                                   .step = &step,
                                   .state = node.state ? &state : nullptr,
                                   .params = node.params.get(),
                                   .team = &team_,
                                   .scratch = workspace_ + scratch_offset_,
                                   .scratch_bytes = scratch_bytes_,
                                   .times = times}));
      // A kernel that never went parallel was on the calling thread all the time.
      if (times && times[0].begin_ns == 0) times[0] = {node.id, 0, started, now_ns()};
      ++launches_;
    } catch (const StatusError& e) {
      throw StatusError(e.status(), node.path + " (" + node.kernel->op + "): " + e.what());
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& e) {
      throw StatusError(SIROCCO_FAILED, node.path + " (" + node.kernel->op + "): " + e.what());
    }
  }

  const Team& team_;
  sirocco_limits limits_{};
  std::vector<int64_t> token_buckets_, seq_buckets_, row_buckets_;
  std::vector<Value> values_;
  std::vector<Node> nodes_;
  uint64_t scratch_offset_ = 0;  ///< in the workspace, behind the values
  uint64_t scratch_bytes_ = 0;   ///< of one thread
  uint64_t workspace_bytes_ = 0;
  uint64_t launches_ = 0;
  std::byte* workspace_ = nullptr;
  std::vector<Tensor> tensors_;  ///< by value, of the current step
  std::vector<sirocco_node_time> times_;
};

}  // namespace sirocco::sdk
