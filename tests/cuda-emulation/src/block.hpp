#pragma once
#include <cuda_emulation/launch.hpp>

namespace cuda_emulation {

/// Runs every block of a launch, one after the other in an order of the seed.
void run_launch(const Launch& launch);

}  // namespace cuda_emulation
