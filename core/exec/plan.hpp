#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exec/backend.hpp"
#include "exec/options.hpp"
#include "exec/partition.hpp"
#include "exec/placement.hpp"
#include "exec/plan_sampling.hpp"
#include "graph/abi_view.hpp"
#include "graph/graph.hpp"

namespace sirocco {

/// A weight as one device will hold it.
struct PlannedWeight {
  size_t weight = 0;  ///< index into Graph::weights
  size_t device = 0;
  sirocco_pack_plan pack{};
  uint64_t file_bytes = 0;
};

/// A value moved by the host from one device's arena to another's, before a part runs.
struct Transfer {
  ValueId value = kNone;
  size_t from = 0;  ///< devices
  size_t to = 0;
  uint64_t from_offset = 0;  ///< bytes in the arenas
  uint64_t to_offset = 0;
};

/// The compiled form of a sub-graph; destroyed with the plan.
class Executable {
 public:
  Executable(const Device& device, const sirocco_graph& graph,
             const sirocco_compile_options& options);
  Executable(Executable&& other) noexcept;
  Executable(const Executable&) = delete;
  Executable& operator=(const Executable&) = delete;
  Executable& operator=(Executable&&) = delete;
  ~Executable();

  sirocco_executable* get() const { return handle_; }
  sirocco_executable_info info() const;

 private:
  std::shared_ptr<Backend> backend_;
  sirocco_executable* handle_ = nullptr;
};

/// One sub-graph, ready to run.
struct PlannedPart {
  SubGraph part;
  std::unique_ptr<AbiGraph> view;
  std::unique_ptr<Executable> executable;
  sirocco_executable_info info{};  ///< its bucket lists live as long as the executable
  uint64_t workspace_offset = 0;   ///< in the device's arena
  std::vector<Transfer> transfers;
  /// Offset in the device's arena, by index of the view's values; UINT64_MAX where not in it.
  std::vector<uint64_t> offsets;
};

/// A state group as planned.
struct PlannedGroup {
  uint64_t n_pages = 0;
  uint64_t bytes_per_token = 0;  ///< over all members; recurrent: per sequence
  std::vector<uint64_t> device_bytes;
};

/// Where an output or an observed value stands after a step.
struct PlannedOutput {
  std::string name;
  ValueId value = kNone;
  size_t device = 0;
  uint64_t offset = 0;
};

/// Bytes the model will take, known before anything is loaded.
struct MemoryPlan {
  uint64_t weights_mapped = 0;  ///< used as they lie in the files
  uint64_t weights_packed = 0;  ///< copied or repacked
  uint64_t state = 0;
  uint64_t arenas = 0;
  uint64_t total() const { return weights_mapped + weights_packed + state + arenas; }
};

/// The step of one model on one set of devices: placed, cut, compiled, its memory laid out over
/// symbolic sizes. Needs no weight bytes, so `inspect` makes one before anything is loaded.
class Plan {
 public:
  /// `graph` is expanded as placement needs. Throws Error(plugin) as placement and the backends do,
  /// Error(usage) for an observed name that the graph lacks or limits that make no sense. Where
  /// tokens are to be chosen on the device, the graph ends in a node that does.
  Plan(Graph graph, std::vector<Device> devices, PlanOptions options, const ExpandNode& expand);

  const Graph& graph() const { return graph_; }
  const std::vector<Device>& devices() const { return devices_; }
  const PlanOptions& options() const { return options_; }
  /// The limits with every bucket's padding.
  const StepLimits& padded_limits() const { return padded_; }
  Extents largest_extents() const {
    return {padded_.max_tokens, padded_.max_seqs, padded_.max_rows};
  }
  const Placement& placement() const { return placement_; }
  const std::vector<PlannedPart>& parts() const { return parts_; }
  const std::vector<PlannedWeight>& weights() const { return weights_; }
  const std::vector<PlannedGroup>& groups() const { return groups_; }
  /// The graph's outputs, then the observed values.
  const std::vector<PlannedOutput>& outputs() const { return outputs_; }
  /// Absent where tokens are chosen on the host.
  const std::optional<PlannedSampling>& sampling() const { return sampling_; }
  /// By device.
  const std::vector<uint64_t>& arena_bytes() const { return arena_bytes_; }
  MemoryPlan memory() const;
  /// The largest tensor that the host will have to stage between devices, in bytes.
  uint64_t staging_bytes() const { return staging_bytes_; }
  /// Live sizes padded up until every backend's buckets agree.
  Extents pad(const Extents& live) const;
  /// A group's members on one device as the ABI describes them; `members` keeps their memory.
  sirocco_state_group abi_group(uint32_t group, size_t device,
                                std::vector<sirocco_state>& members) const;

 private:
  void check_options() const;
  void plan_sampling();
  void resolve_observed();
  void query_weights();
  void build_views(const std::vector<SubGraph>& parts);
  void compile_parts();
  bool raise_to_buckets();
  void plan_state();
  void plan_arenas();

  Graph graph_;
  std::vector<Device> devices_;
  PlanOptions options_;
  StepLimits padded_;
  Placement placement_;
  std::vector<PlannedWeight> weights_;
  std::vector<ValueId> wanted_;  ///< outputs and observed values
  std::vector<PlannedPart> parts_;
  std::vector<PlannedGroup> groups_;
  std::vector<PlannedOutput> outputs_;
  std::optional<PlannedSampling> sampling_;
  std::vector<uint64_t> arena_bytes_;
  uint64_t staging_bytes_ = 0;
};

}  // namespace sirocco
