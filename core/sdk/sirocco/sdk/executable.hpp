#pragma once
// A sub-graph compiled for a device that computes in host memory: everything but the order in which
// its nodes run, which a class derived from it brings (kernel_executable.hpp, or a plugin's own).

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include <sirocco/sdk/device_memory.hpp>
#include <sirocco/sdk/executable_base.hpp>
#include <sirocco/sdk/kernel.hpp>
#include <sirocco/sdk/state_store.hpp>
#include <sirocco/sdk/value_table.hpp>

namespace sirocco::sdk {

/// What an executable is made for; lives as long as the backend.
struct ExecutableContext {
  const BackendOptions& options;
  const Team& team;
  std::span<const Kernel> kernels;
};

class Executable : public ExecutableBase {
 public:
  void execute(const DeviceMemory& memory, const sirocco_bindings* given_bindings,
               const sirocco_step* given_step) {
    const auto bindings = read_struct<sirocco_bindings>(given_bindings);
    const StepView step = read_step(memory, read_struct<sirocco_step>(given_step));
    check_step(step);
    std::byte* workspace = nullptr;
    if (workspace_bytes_) workspace = memory.resolve(bindings.workspace, workspace_bytes_, true);
    if (!is_aligned(workspace, DeviceMemory::kAlignment)) refuse("the workspace is not aligned");
    values_.resolve(memory, bindings, workspace, step.extents());
    std::fill(times_.begin(), times_.end(), sirocco_node_time{});
    run(bindings, step, workspace + extra_offset_);
  }

 protected:
  /// Throws StatusError for options or values that make no sense.
  Executable(const ExecutableContext& context, const GraphView& graph,
             const sirocco_compile_options* given)
      : ExecutableBase(context.options, given), team_(context.team) {
    values_.read(graph, read_struct<sirocco_compile_options>(given));
  }

  /// Runs every node. `extra` is the memory that `lay_out_workspace` was asked for.
  virtual void run(const sirocco_bindings& bindings, const StepView& step, std::byte* extra) = 0;

  /// To be called once all nodes are told to `values_`. `extra` bytes lie behind the values.
  void lay_out_workspace(uint64_t extra) {
    extra_offset_ = values_.lay_out(largest(), DeviceMemory::kAlignment);
    if (__builtin_add_overflow(extra_offset_, extra, &workspace_bytes_))
      throw StatusError(SIROCCO_OUT_OF_MEMORY, "the workspace overflows 64 bits");
  }

  /// The store of a state group, its step lists checked. Throws StatusError where it is not bound.
  static const StateStore& bound_store(uint32_t group, const sirocco_bindings& bindings,
                                       const StepView& step) {
    if (group >= bindings.n_states || !bindings.states[group]) refuse("its state is not bound");
    const auto& store = *reinterpret_cast<const StateStore*>(bindings.states[group]);
    check_state(step, group, store.layout());
    return store;
  }

  const Team& team_;
  ValueTable values_;

 private:
  static StepView read_step(const DeviceMemory& memory, const sirocco_step& step) {
    if (!step.device.buffer) {
      if (!step.host) refuse("a step has no step buffer");
      return StepView(step.host, static_cast<uint64_t>(std::max(step.host[SIROCCO_STEP_SIZE], 0)));
    }
    const std::byte* data = memory.resolve(step.device, step.device.size, false);
    if (!is_aligned(data, alignof(int32_t))) refuse("the step buffer is not aligned");
    return StepView(reinterpret_cast<const int32_t*>(data), step.device.size / sizeof(int32_t));
  }

  uint64_t extra_offset_ = 0;  ///< in the workspace, behind the values
};

}  // namespace sirocco::sdk
