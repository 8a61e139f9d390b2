#pragma once
// What every executable has, wherever it runs: limits, buckets, times, and the checks of a step.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <sirocco/sdk/backend_options.hpp>
#include <sirocco/sdk/state_layout.hpp>
#include <sirocco/sdk/step_view.hpp>
#include <sirocco/sdk/value_plan.hpp>

namespace sirocco::sdk {

class ExecutableBase {
 public:
  ExecutableBase(const ExecutableBase&) = delete;
  ExecutableBase& operator=(const ExecutableBase&) = delete;
  virtual ~ExecutableBase() = default;

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

  /// As `sirocco_backend_interface::read_times`; only threads that had work are counted.
  virtual size_t read_times(sirocco_node_time* times, size_t capacity) const {
    size_t count = 0;
    for (const sirocco_node_time& time : times_) {
      if (time.begin_ns == 0) continue;
      if (count < capacity) times[count] = time;
      ++count;
    }
    return count;
  }

 protected:
  /// Throws StatusError for options that make no sense.
  ExecutableBase(const BackendOptions& options, const sirocco_compile_options* given) {
    const auto compile = read_struct<sirocco_compile_options>(given);
    if (!compile.limits) refuse("compile without limits");
    limits_ = read_struct<sirocco_limits>(compile.limits);
    timed_ = (compile.flags & SIROCCO_COMPILE_TIMED) != 0;
    set_buckets(options);
  }

  Extents largest() const { return {limits_.max_tokens, limits_.max_seqs, limits_.max_rows}; }

  /// Throws StatusError for a step that contradicts itself, the limits or the buckets.
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

  /// The same for what the step says of a state group.
  static void check_state(const StepView& step, uint32_t group, const StateLayout& layout) {
    if (layout.paged) {
      step.check_paged(group, layout.page_tokens, layout.n_pages);
    } else {
      step.check_recurrent(group, layout.n_pages);
    }
  }

  sirocco_limits limits_{};  ///< buckets included
  bool timed_ = false;
  uint64_t launches_ = 0;
  uint64_t workspace_bytes_ = 0;
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

  std::vector<int64_t> token_buckets_, seq_buckets_, row_buckets_;
};

}  // namespace sirocco::sdk
