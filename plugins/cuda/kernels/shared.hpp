#pragma once
// Memory that the threads of a block share.

#include <cuda_runtime.h>

#ifdef SIROCCO_CUDA_EMULATED
#include <cuda_emulation/shared.hpp>
#endif

namespace sirocco::cuda {

/// `kCount` elements, aligned to 16 bytes, uninitialised. Within a kernel every array has a `kSlot`
/// of its own; the same arguments give the same memory.
template <class T, int kCount, int kSlot>
__device__ inline T* shared_array() {
#ifndef SIROCCO_CUDA_EMULATED
  __shared__ alignas(16) T memory[kCount];
  return memory;
#else
  return cuda_emulation::shared_array<T, kCount, kSlot>();
#endif
}

}  // namespace sirocco::cuda
