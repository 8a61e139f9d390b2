#pragma once
// The one way in which kernels are launched: on a GPU by the runtime, in the emulator by its own
// function. Counts them.

#include <cstdint>

#include <cuda_runtime.h>

#include "ops/launcher.hpp"

#ifdef SIROCCO_CUDA_EMULATED
#include <cuda_emulation/launch.hpp>
#endif

namespace sirocco::cuda {

/// Blocks of a launch and the threads of each.
struct Grid {
  int64_t x = 1;
  int64_t y = 1;
  int64_t z = 1;
  int threads = 256;
};

/// Queues `kernel(args...)`; an empty grid is nothing to do.
template <class... Parameters, class... Arguments>
void launch(Launcher& launcher, const Grid& grid, void (*kernel)(Parameters...),
            Arguments... args) {
  if (grid.x <= 0 || grid.y <= 0 || grid.z <= 0) return;
  const dim3 blocks(static_cast<unsigned>(grid.x), static_cast<unsigned>(grid.y),
                    static_cast<unsigned>(grid.z));
  const dim3 threads(static_cast<unsigned>(grid.threads));
#ifdef SIROCCO_CUDA_EMULATED
  const cudaError_t error =
      cuda_emulation::launch(kernel, blocks, threads, 0, launcher.stream, args...);
#else
  cudaLaunchConfig_t config{};
  config.gridDim = blocks;
  config.blockDim = threads;
  config.stream = launcher.stream;
  const cudaError_t error = cudaLaunchKernelEx(&config, kernel, args...);
#endif
  ++launcher.launches;
  if (launcher.failed == cudaSuccess) launcher.failed = error;
}

}  // namespace sirocco::cuda
