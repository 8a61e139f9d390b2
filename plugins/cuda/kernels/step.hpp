#pragma once
// What kernels read of the step buffer (abi/step.h) in device memory, so that a captured graph
// needs no new arguments from step to step.

#include <cuda_runtime.h>

#include "ops/args.hpp"

namespace sirocco::cuda {

__device__ inline int64_t count_of(const Count& count, const int32_t* step) {
  return (count.base + static_cast<int64_t>(count.scale) * step[count.field]) * count.times;
}

}  // namespace sirocco::cuda
