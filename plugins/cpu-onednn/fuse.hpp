#pragma once
// From nodes to stages.

#include <memory>
#include <vector>

#include <sirocco/sdk/value_table.hpp>

#include "stages/stage.hpp"

namespace sirocco::cpu {

struct Fused {
  std::vector<std::unique_ptr<Stage>> stages;
  std::vector<uint32_t> groups;  ///< state groups in use
  StageMemory memory;            ///< for all stages
};

/// Cuts the graph into stages, and tells `values` which of them make and use each value. Values
/// that only exist within a stage are not told, and take no memory.
Fused fuse(const sdk::GraphView& graph, sdk::ValueTable& values, const sirocco_limits& limits,
           Isa isa, int64_t n_threads);

}  // namespace sirocco::cpu
