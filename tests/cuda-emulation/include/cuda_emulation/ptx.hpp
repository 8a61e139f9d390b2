#pragma once
// Instructions that CUDA C++ has no function for, as the PTX ISA describes them (version 8.0):
// asynchronous copies, and matrices spread over the lanes of a warp.

#include <cstdint>

namespace cuda_emulation::ptx {

/// cp.async.cg of 16 bytes into shared memory, or zeros where they are not `there`. The bytes land
/// when a wait of this thread covers their group; until then the target counts as unwritten.
void copy_async(void* target, const void* source, bool there);
/// cp.async.commit_group
void commit_copies();
/// cp.async.wait_group: all but the `pending` newest groups of this thread land.
void wait_copies(int pending);

/// ldmatrix.m8n8.x4.b16, with .trans where `transposed`. Lane i gives the address of row i % 8 of
/// matrix i / 8.
void load_matrices(uint32_t (&target)[4], const void* row, bool transposed);

/// mma.m16n8k16 with f32 accumulation: d += a · b, of halves or of bfloat16.
void multiply_f16(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);
void multiply_bf16(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);

}  // namespace cuda_emulation::ptx
