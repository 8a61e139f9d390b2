#pragma once
// A sub-graph compiled for a device that computes in host memory: everything but the order in which
// its nodes run, which a class derived from it brings (kernel_executable.hpp, or a plugin's own).

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include <sirocco/sdk/backend_options.hpp>
#include <sirocco/sdk/device_memory.hpp>
#include <sirocco/sdk/kernel.hpp>
#include <sirocco/sdk/state_store.hpp>
#include <sirocco/sdk/value_table.hpp>

namespace sirocco::sdk {

/// What an executable is made for; lives as long as the backend.
struct ExecutableContext {
  const BackendOptions& options;
  const Team& team;
  /// The kernel for a node. Throws Declined.
  std::function<const Kernel&(const NodeView&)> find_kernel;
};

class Executable {
 public:
  Executable(const Executable&) = delete;
  Executable& operator=(const Executable&) = delete;
  virtual ~Executable() = default;

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
    std::byte* workspace = nullptr;
    if (workspace_bytes_) workspace = memory.resolve(bindings.workspace, workspace_bytes_, true);
    if (!is_aligned(workspace, DeviceMemory::kAlignment)) refuse("the workspace is not aligned");
    values_.resolve(memory, bindings, workspace, step.extents());
    std::fill(times_.begin(), times_.end(), sirocco_node_time{});
    run(bindings, step, workspace + extra_offset_);
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

 protected:
  /// Throws StatusError for options or values that make no sense.
  Executable(const ExecutableContext& context, const GraphView& graph,
             const sirocco_compile_options* given)
      : team_(context.team) {
    const auto options = read_struct<sirocco_compile_options>(given);
    if (!options.limits) refuse("compile without limits");
    limits_ = read_struct<sirocco_limits>(options.limits);
    timed_ = (options.flags & SIROCCO_COMPILE_TIMED) != 0;
    set_buckets(context.options);
    values_.read(graph, options);
  }

  /// Runs every node. `extra` is the memory that `lay_out_workspace` was asked for.
  virtual void run(const sirocco_bindings& bindings, const StepView& step, std::byte* extra) = 0;

  /// To be called once all nodes are told to `values_`. `extra` bytes lie behind the values.
  void lay_out_workspace(uint64_t extra) {
    extra_offset_ = values_.lay_out({limits_.max_tokens, limits_.max_seqs, limits_.max_rows});
    if (__builtin_add_overflow(extra_offset_, extra, &workspace_bytes_))
      throw StatusError(SIROCCO_OUT_OF_MEMORY, "the workspace overflows 64 bits");
  }

  /// The store of a state group, its step lists checked. Throws StatusError where it is not bound.
  static const StateStore& bound_store(uint32_t group, const sirocco_bindings& bindings,
                                       const StepView& step) {
    if (group >= bindings.n_states || !bindings.states[group]) refuse("its state is not bound");
    const auto& store = *reinterpret_cast<const StateStore*>(bindings.states[group]);
    const StateLayout& layout = store.layout();
    if (layout.paged) {
      step.check_paged(group, layout.page_tokens, layout.n_pages);
    } else {
      step.check_recurrent(group, layout.n_pages);
    }
    return store;
  }

  const Team& team_;
  sirocco_limits limits_{};  ///< buckets included
  bool timed_ = false;
  ValueTable values_;
  uint64_t launches_ = 0;
  std::vector<sirocco_node_time> times_;  ///< empty unless timed; begin_ns 0: no record

 private:
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

  static StepView read_step(const DeviceMemory& memory, const sirocco_step& step) {
    if (!step.device.buffer) {
      if (!step.host) refuse("a step has no step buffer");
      return StepView(step.host, static_cast<uint64_t>(std::max(step.host[SIROCCO_STEP_SIZE], 0)));
    }
    const std::byte* data = memory.resolve(step.device, step.device.size, false);
    if (!is_aligned(data, alignof(int32_t))) refuse("the step buffer is not aligned");
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

  std::vector<int64_t> token_buckets_, seq_buckets_, row_buckets_;
  uint64_t extra_offset_ = 0;  ///< in the workspace, behind the values
  uint64_t workspace_bytes_ = 0;
};

}  // namespace sirocco::sdk
