#pragma once
// Kernels that run one after the other.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sirocco/sdk/claiming.hpp>
#include <sirocco/sdk/executable.hpp>

namespace sirocco::sdk {

class KernelExecutable : public Executable {
 public:
  /// Throws StatusError for a graph that was not claimed, or that contradicts itself.
  KernelExecutable(const ExecutableContext& context, const sirocco_graph* graph,
                   const sirocco_compile_options* options)
      : KernelExecutable(context, GraphView(graph), options) {}

 protected:
  void run(const sirocco_bindings& bindings, const StepView& step, std::byte* extra) override {
    for (size_t i = 0; i < nodes_.size(); ++i) run_node(i, bindings, step, extra);
  }

 private:
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

  KernelExecutable(const ExecutableContext& context, const GraphView& view,
                   const sirocco_compile_options* options)
      : Executable(context, view, options) {
    const std::vector<uint32_t> uses = count_uses(view);
    for (size_t i = 0; i < view.n_nodes(); ++i) {
      const NodeView node = view.node(i);
      const Kernel* both = i + 1 < view.n_nodes()
                               ? find_fused(context.kernels, view, node, view.node(i + 1), uses)
                               : nullptr;
      if (both) {
        find_claimed(context, node);
        add_fused(context, view, node, view.node(++i), *both);
      } else {
        add_node(context, view, node);
      }
    }
    uint64_t scratch = 0;
    if (__builtin_mul_overflow(scratch_bytes_, uint64_t{team_.size()}, &scratch))
      throw StatusError(SIROCCO_OUT_OF_MEMORY, "the workspace overflows 64 bits");
    lay_out_workspace(scratch);
    if (timed_) times_.resize(nodes_.size() * team_.size());
  }

  static std::vector<uint32_t> count_uses(const GraphView& graph) {
    std::vector<uint32_t> uses(graph.n_values());
    for (size_t i = 0; i < graph.n_nodes(); ++i) {
      const NodeView node = graph.node(i);
      for (size_t input = 0; input < node.n_inputs(); ++input)
        if (node.has_input(input) && node.input_index(input) < uses.size())
          ++uses[node.input_index(input)];
    }
    return uses;
  }

  /// The kernel that runs `second` together with `first`, or NULL.
  static const Kernel* find_fused(std::span<const Kernel> kernels, const GraphView& graph,
                                  const NodeView& first, const NodeView& second,
                                  const std::vector<uint32_t>& uses) {
    if (first.n_outputs() != 1 || !second.has_input(0) || first.state() ||
        first.output_index(0) != second.input_index(0))
      return nullptr;
    const uint32_t between = second.input_index(0);
    if (graph.value(between).kind() != SIROCCO_VALUE_INTERNAL || uses[between] != 1) return nullptr;
    for (const Kernel& kernel : kernels)
      if (kernel.after && first.op() == kernel.after && first.domain() == kernel.domain &&
          second.op() == kernel.op && second.domain() == kernel.domain &&
          second.version() == kernel.version && kernel_accepts(kernel, second))
        return &kernel;
    return nullptr;
  }
  static bool kernel_accepts(const Kernel& kernel, const NodeView& node) {
    try {
      kernel.accepts(node);
      return true;
    } catch (const Declined&) {
      return false;
    }
  }

  static const Kernel& find_claimed(const ExecutableContext& context, const NodeView& view) {
    try {
      return find_kernel(context.kernels, context.options, view);
    } catch (const Declined& declined) {
      throw StatusError(SIROCCO_UNSUPPORTED, std::string(view.path()) + ": " + declined.what());
    }
  }

  void add_node(const ExecutableContext& context, const GraphView& graph, const NodeView& view) {
    Node node;
    node.id = view.id();
    node.path = view.path();
    add_inputs(node, graph, view, 0);
    finish(std::move(node), graph, view, find_claimed(context, view));
  }

  void add_fused(const ExecutableContext& context, const GraphView& graph, const NodeView& first,
                 const NodeView& second, const Kernel& kernel) {
    find_claimed(context, second);
    Node node;
    node.id = first.id();
    node.path = std::string(first.path()) + " + " + std::string(second.path());
    add_inputs(node, graph, first, 0);
    add_inputs(node, graph, second, 1);
    finish(std::move(node), graph, second, kernel);
  }

  void add_inputs(Node& node, const GraphView& graph, const NodeView& view, size_t from) {
    const auto index = static_cast<uint32_t>(nodes_.size());
    for (size_t i = from; i < view.n_inputs(); ++i) {
      node.inputs.push_back(view.has_input(i) ? view.input_index(i) : SIROCCO_NONE);
      if (view.has_input(i)) values_.use(graph, view.input_index(i), index);
    }
  }

  void finish(Node node, const GraphView& graph, const NodeView& view, const Kernel& kernel) {
    const auto index = static_cast<uint32_t>(nodes_.size());
    node.kernel = &kernel;
    for (size_t i = 0; i < view.n_outputs(); ++i) {
      node.outputs.push_back(view.output_index(i));
      values_.make(graph, view.output_index(i), index);
    }
    node.state = view.state();
    if (kernel.prepare) node.params = kernel.prepare(view);
    if (kernel.scratch) node.scratch_bytes = kernel.scratch(view, limits_);
    scratch_bytes_ = std::max(scratch_bytes_, (node.scratch_bytes + 63) / 64 * 64);
    nodes_.push_back(std::move(node));
  }

  void run_node(size_t index, const sirocco_bindings& bindings, const StepView& step,
                std::byte* scratch) {
    const Node& node = nodes_[index];
    try {
      StateView state;
      if (node.state) state = bound_store(node.state->group, bindings, step).view(*node.state);
      sirocco_node_time* times = timed_ ? &times_[index * team_.size()] : nullptr;
      for (uint32_t thread = 0; times && thread < team_.size(); ++thread)
        times[thread] = {node.id, thread, 0, 0};
      const uint64_t started = times ? now_ns() : 0;
      node.kernel->run(KernelCall({.tensors = values_.tensors(),
                                   .inputs = node.inputs,
                                   .outputs = node.outputs,
                                   .step = &step,
                                   .state = node.state ? &state : nullptr,
                                   .params = node.params.get(),
                                   .team = &team_,
                                   .scratch = scratch,
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

  std::vector<Node> nodes_;
  uint64_t scratch_bytes_ = 0;  ///< of one thread
};

}  // namespace sirocco::sdk
