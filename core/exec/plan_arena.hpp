#pragma once

#include <cstdint>
#include <vector>

#include "exec/plan.hpp"

namespace sirocco {

struct ArenaPlan {
  std::vector<uint64_t> bytes;  ///< by device
  uint64_t staging_bytes = 0;
};

/// Lays out one arena a device for every value that crosses a part's boundary and every workspace,
/// at the largest sizes, reusing space by liveness. Fills the parts' offsets and transfers and the
/// outputs' offsets; outputs live to the end of the step.
ArenaPlan lay_out_arenas(const Graph& graph, const std::vector<Device>& devices,
                         const StepLimits& limits, std::vector<PlannedPart>& parts,
                         std::vector<PlannedOutput>& outputs);

}  // namespace sirocco
