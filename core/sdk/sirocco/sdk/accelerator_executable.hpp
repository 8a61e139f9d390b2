#pragma once
// A sub-graph compiled for a device with memory of its own: everything but the launches, which a
// class derived from it brings.

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <sirocco/sdk/accelerator.hpp>
#include <sirocco/sdk/claiming.hpp>
#include <sirocco/sdk/executable_base.hpp>
#include <sirocco/sdk/op_checks.hpp>
#include <sirocco/sdk/state_pages.hpp>

namespace sirocco::sdk {

using AcceleratorStates = StatePages<AcceleratorMemory>;

/// What an executable is made for; lives as long as the backend.
struct AcceleratorContext {
  const BackendOptions& options;
  Accelerator& device;
  const AcceleratorMemory& memory;
  std::span<const Kernel> kernels;
};

class AcceleratorExecutable : public ExecutableBase {
 public:
  /// May return before the work is done.
  void execute(const sirocco_bindings* given_bindings, const sirocco_step* given_step) {
    const auto bindings = read_struct<sirocco_bindings>(given_bindings);
    const auto given = read_struct<sirocco_step>(given_step);
    if (!given.host) refuse("a step has no step buffer");
    const StepView step(given.host,
                        static_cast<uint64_t>(std::max(given.host[SIROCCO_STEP_SIZE], 0)));
    check_step(step);
    bind(bindings, given);
    for (const auto& [state, window] : attended_) {
      check_state(step, state.group, stores_[state.group]->layout());
      ops::check_held(step, state, window);
    }
    run(step);
  }

 protected:
  /// Throws StatusError for options or values that make no sense, or a node that was not claimed.
  AcceleratorExecutable(const AcceleratorContext& context, const GraphView& graph,
                        const sirocco_compile_options* given)
      : ExecutableBase(context.options, given), context_(context) {
    require_claimed(context.kernels, context.options, graph);
    values_.read(graph, read_struct<sirocco_compile_options>(given));
  }

  /// To be called for every node with a paged state; `window` as in ops::AttentionAttributes.
  void attend(const sirocco_state& state, int64_t window) { attended_.emplace_back(state, window); }

  /// To be called once all nodes are told to `values_`. `extra` bytes lie behind the values.
  void lay_out_workspace(uint64_t extra) {
    extra_offset_ = values_.lay_out(largest(), alignment());
    if (__builtin_add_overflow(extra_offset_, extra, &workspace_bytes_))
      throw StatusError(SIROCCO_OUT_OF_MEMORY, "the workspace overflows 64 bits");
  }

  /// Called before the first step, and again should the host ever bind anything else: addresses,
  /// which a captured graph may keep, are new.
  virtual void bound() {}
  /// Queues the work of a step. The step buffer is on the device already.
  virtual void run(const StepView& step) = 0;

  /// Of a value that a node makes or uses.
  DeviceAddress address(uint32_t value) const { return addresses_[value]; }
  /// Of a plane of a state: [n_pages, page_tokens, heads * dim].
  DeviceAddress state_address(const sirocco_state& state, bool values) const {
    const AcceleratorStates& store = *stores_[state.group];
    return DeviceAddress{store.block()->allocation, 0} + store.plane(state, values)->offset;
  }
  /// The memory behind the values in the workspace.
  DeviceAddress extra() const { return workspace_ + extra_offset_; }
  /// The step buffer, laid out as `StepView::offset` says.
  DeviceAddress step_buffer() const { return step_; }

  AcceleratorContext context_;
  ValuePlan values_;

 private:
  uint64_t alignment() const { return std::max<uint64_t>(context_.device.info().alignment, 64); }

  /// The host binds the same from step to step. (A buffer that was destroyed may have given its
  /// handle to another one.)
  bool same(const sirocco_bindings& bindings, const sirocco_step& step) const {
    const auto equal = [](const sirocco_span& a, const sirocco_span& b) {
      return a.buffer == b.buffer && a.offset == b.offset && a.size == b.size;
    };
    return !spans_.empty() && releases_ == context_.memory.releases() &&
           bindings.n_values + 2 == spans_.size() &&
           std::equal(spans_.begin(), spans_.end() - 2, bindings.values, equal) &&
           equal(spans_[bindings.n_values], bindings.workspace) &&
           equal(spans_.back(), step.device) && bindings.n_states == states_.size() &&
           std::equal(states_.begin(), states_.end(), bindings.states);
  }

  void bind(const sirocco_bindings& bindings, const sirocco_step& step) {
    if (same(bindings, step)) return;
    if (bindings.n_values < values_.size()) refuse("fewer values are bound than the graph has");
    spans_.clear();
    if (workspace_bytes_)
      workspace_ = context_.memory.resolve(bindings.workspace, workspace_bytes_);
    step_ = context_.memory.resolve(
        step.device, static_cast<uint64_t>(step.host[SIROCCO_STEP_SIZE]) * sizeof(int32_t));
    addresses_.assign(values_.size(), {});
    for (size_t i = 0; i < values_.size(); ++i) {
      const ValuePlan::Value& value = values_[i];
      if (!value.used()) continue;
      const auto bytes = static_cast<uint64_t>(tensor_bytes(value.tensor, largest()));
      addresses_[i] = value.bound() ? context_.memory.resolve(bindings.values[i], bytes)
                                    : workspace_ + value.offset;
    }
    states_.assign(bindings.states, bindings.states + bindings.n_states);
    stores_.assign(states_.size(), nullptr);
    for (const auto& [state, window] : attended_) {
      if (state.group >= states_.size() || !states_[state.group]) refuse("its state is not bound");
      stores_[state.group] = reinterpret_cast<const AcceleratorStates*>(states_[state.group]);
      stores_[state.group]->check_member(state);
    }
    spans_.assign(bindings.values, bindings.values + bindings.n_values);
    spans_.push_back(bindings.workspace);
    spans_.push_back(step.device);
    releases_ = context_.memory.releases();
    bound();
  }

  std::vector<std::pair<sirocco_state, int64_t>> attended_;
  uint64_t extra_offset_ = 0;
  std::vector<sirocco_span> spans_;  ///< as bound: values, workspace, step buffer; empty: nothing
  std::vector<sirocco_state_store*> states_;
  std::vector<const AcceleratorStates*> stores_;  ///< by group
  std::vector<DeviceAddress> addresses_;          ///< by value
  DeviceAddress workspace_, step_;
  uint64_t releases_ = 0;  ///< of the memory when it was bound
};

}  // namespace sirocco::sdk
