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
    for (size_t i = 0; i < view.n_nodes(); ++i) add_node(context, view, view.node(i));
    uint64_t scratch = 0;
    if (__builtin_mul_overflow(scratch_bytes_, uint64_t{team_.size()}, &scratch))
      throw StatusError(SIROCCO_OUT_OF_MEMORY, "the workspace overflows 64 bits");
    lay_out_workspace(scratch);
    if (timed_) times_.resize(nodes_.size() * team_.size());
  }

  void add_node(const ExecutableContext& context, const GraphView& graph, const NodeView& view) {
    Node node;
    node.id = view.id();
    node.path = view.path();
    try {
      node.kernel = &find_kernel(context.kernels, context.options, view);
    } catch (const Declined& declined) {
      throw StatusError(SIROCCO_UNSUPPORTED, node.path + ": " + declined.what());
    }
    const auto index = static_cast<uint32_t>(nodes_.size());
    for (size_t i = 0; i < view.n_inputs(); ++i) {
      node.inputs.push_back(view.has_input(i) ? view.input_index(i) : SIROCCO_NONE);
      if (view.has_input(i)) values_.use(graph, view.input_index(i), index);
    }
    for (size_t i = 0; i < view.n_outputs(); ++i) {
      node.outputs.push_back(view.output_index(i));
      values_.make(graph, view.output_index(i), index);
    }
    node.state = view.state();
    if (node.kernel->prepare) node.params = node.kernel->prepare(view);
    if (node.kernel->scratch) node.scratch_bytes = node.kernel->scratch(view, limits_);
    scratch_bytes_ = std::max(scratch_bytes_, (node.scratch_bytes + 63) / 64 * 64);
    nodes_.push_back(std::move(node));
  }

  void run(const sirocco_bindings& bindings, const StepView& step, std::byte* extra) override {
    for (size_t i = 0; i < nodes_.size(); ++i) run_node(i, bindings, step, extra);
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
