#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "exec/plan.hpp"
#include "exec/step_buffer.hpp"
#include "exec/weight_store.hpp"

namespace sirocco {

/// When one node ran in the last step of a timed plan.
struct NodeTime {
  NodeId node = kNone;
  size_t device = 0;
  uint32_t thread = 0;
  uint64_t begin_ns = 0;
  uint64_t end_ns = 0;
};

/// A plan bound to memory: weights, arenas, states and the step buffer, none of whose addresses
/// change from step to step. It runs what the step buffer says; which sequences those are, the
/// Executor knows. Failures of devices throw Error(plugin).
class BoundPlan {
 public:
  BoundPlan(std::shared_ptr<const Plan> plan, const FindWeight& find_weight,
            const LoadProgress& progress);
  ~BoundPlan();
  BoundPlan(const BoundPlan&) = delete;
  BoundPlan& operator=(const BoundPlan&) = delete;

  StepBuffer& step() { return step_; }
  const WeightStore& weights() const { return weights_; }
  /// By device.
  std::span<const DeviceBuffer> arenas() const { return arenas_; }

  /// Runs every part of the plan on what the step buffer holds, which has these live sizes.
  void execute(const Extents& live);
  /// Of the last execute, in no particular order; empty unless the plan is timed.
  std::span<const NodeTime> times() const { return {times_.data(), n_times_}; }

  /// Is told of each part, by its index in Plan::parts(), once it has run.
  using Watch = std::function<void(size_t part)>;
  void watch(Watch watch) { watch_ = std::move(watch); }
  /// In a watch: what a part made, and what later parts read in its place (see Executor).
  std::span<const std::byte> made(size_t part, ValueId value);
  void replace(size_t part, ValueId value, std::span<const std::byte> content);

  /// Whether every recurrent state could go back to the first `n_tokens` of a sequence, whose block
  /// tables (or slots) by group these are.
  bool truncate_recurrent(const std::vector<std::vector<int32_t>>& tables, size_t n_tokens) const;

 private:
  struct StateStore;
  struct BoundPart;

  void create_arenas();
  void create_states();
  void bind_parts();
  sirocco_span bind_value(size_t part, size_t local) const;
  void transfer(const Transfer& transfer);
  void read_times(size_t part);
  /// Where in its device's arena a part leaves a value that others read.
  uint64_t made_at(size_t part, ValueId value) const;

  std::shared_ptr<const Plan> plan_;
  StepBuffer step_;
  WeightStore weights_;
  std::vector<DeviceBuffer> arenas_;       ///< by device
  std::vector<DeviceBuffer> step_copies_;  ///< by device: imported or the device's own
  std::vector<StateStore> states_;
  std::vector<BoundPart> parts_;
  std::vector<std::byte> staging_;
  Watch watch_;
  std::vector<std::byte> watched_;
  std::vector<NodeTime> times_;
  std::vector<sirocco_node_time> raw_times_;
  size_t n_times_ = 0;
  Extents live_;
};

}  // namespace sirocco
