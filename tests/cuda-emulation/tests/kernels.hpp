#pragma once
// Kernels that the tests launch: each of them right, and with one thing wrong.

#include <cuda_emulation/launch.hpp>

namespace kernels {

enum class Fault {
  none,
  missing_barrier,       ///< between a write to shared memory and another thread's read
  tail_off_by_one,       ///< one element past the end
  wrong_fragment,        ///< rows of a matrix fragment swapped
  unwaited_copy,         ///< an asynchronous copy is read before it landed
  uninitialised_shared,  ///< an element of shared memory that nobody wrote
  racing_accumulator,    ///< threads add to one address without an atomic
  shared_out_of_bounds,
  divergent_barrier,     ///< not all threads of the block meet
  missing_lane,          ///< a shuffle with a lane that does not come
  mixed_collectives,     ///< a shuffle meets a vote
  racing_blocks,         ///< two blocks write one address
  missing_warp_barrier,  ///< lanes pass values through shared memory without __syncwarp
};

/// target[i] = source[n - 1 - i], blocks of 64 through shared memory; n a multiple of 64.
void reverse(float* target, const float* source, int n, Fault fault, cudaStream_t stream);
/// target[0] = the sum of `n` elements, one block of 128.
void sum(float* target, const float* source, int n, Fault fault, cudaStream_t stream);
/// d [16, 8] = a [16, 16] · b [16, 8] in halves by one warp; b by columns.
void product(float* d, const uint16_t* a, const uint16_t* b, Fault fault, cudaStream_t stream);
/// target[i] = source[i] + 1 by 4-float copies into shared memory; n a multiple of 256.
void copied(float* target, const float* source, int n, Fault fault, cudaStream_t stream);

}  // namespace kernels
