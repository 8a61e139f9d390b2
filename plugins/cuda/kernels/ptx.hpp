#pragma once
// The instructions that CUDA C++ has no function for, one small function each: asynchronous copies
// into shared memory, and products of 16-bit matrices on tensor cores (PTX ISA 8.0, sections
// 9.7.8.24 "cp.async", 9.7.13.5 "ldmatrix" and "mma.m16n8k16"). The emulator has its own of each.

#include <cstdint>

#include <cuda_runtime.h>

#include "kernels/numbers.hpp"

#ifdef SIROCCO_CUDA_EMULATED
#include <cuda_emulation/ptx.hpp>
#endif

namespace sirocco::cuda::ptx {

#ifndef SIROCCO_CUDA_EMULATED

__device__ inline uint32_t shared_address(const void* pointer) {
  return static_cast<uint32_t>(__cvta_generic_to_shared(pointer));
}

/// Begins to copy 16 bytes to `target` in shared memory, or to write zeros where they are not
/// `there`. Both addresses are aligned to 16 bytes.
__device__ inline void copy_async(void* target, const void* source, bool there) {
  const int bytes = there ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(shared_address(target)),
               "l"(source), "r"(bytes)
               : "memory");
}

/// The copies begun so far, and not yet in a group, become one.
__device__ inline void commit_copies() {
  asm volatile("cp.async.commit_group;\n" ::: "memory");
}

/// Waits until all but the `kPending` newest groups of this thread have arrived. Those of other
/// threads are there after a barrier behind it.
template <int kPending>
__device__ inline void wait_copies() {
  asm volatile("cp.async.wait_group %0;\n" ::"n"(kPending) : "memory");
}

/// Four matrices of 8 by 8 numbers of 16 bits. Lane i brings the address of row i % 8 of matrix
/// i / 8; of each matrix it gets the numbers 2 * (i % 4) and the next, of row i / 4.
__device__ inline void load_matrices(uint32_t (&target)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];\n"
               : "=r"(target[0]), "=r"(target[1]), "=r"(target[2]), "=r"(target[3])
               : "r"(shared_address(row))
               : "memory");
}

/// The same of the matrices' transposes.
__device__ inline void load_matrices_transposed(uint32_t (&target)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];\n"
               : "=r"(target[0]), "=r"(target[1]), "=r"(target[2]), "=r"(target[3])
               : "r"(shared_address(row))
               : "memory");
}

/// d += a · b, with a [16, 16] by rows, b [16, 8] by columns, d [16, 8] in f32.
template <class T>
__device__ inline void multiply(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);

template <>
__device__ inline void multiply<f16>(float (&d)[4], const uint32_t (&a)[4], uint32_t b0,
                                     uint32_t b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};\n"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

template <>
__device__ inline void multiply<bf16>(float (&d)[4], const uint32_t (&a)[4], uint32_t b0,
                                      uint32_t b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};\n"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

#else

__device__ inline void copy_async(void* target, const void* source, bool there) {
  cuda_emulation::ptx::copy_async(target, source, there);
}
__device__ inline void commit_copies() {
  cuda_emulation::ptx::commit_copies();
}
template <int kPending>
__device__ inline void wait_copies() {
  cuda_emulation::ptx::wait_copies(kPending);
}
__device__ inline void load_matrices(uint32_t (&target)[4], const void* row) {
  cuda_emulation::ptx::load_matrices(target, row, false);
}
__device__ inline void load_matrices_transposed(uint32_t (&target)[4], const void* row) {
  cuda_emulation::ptx::load_matrices(target, row, true);
}
template <class T>
__device__ inline void multiply(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);
template <>
__device__ inline void multiply<f16>(float (&d)[4], const uint32_t (&a)[4], uint32_t b0,
                                     uint32_t b1) {
  cuda_emulation::ptx::multiply_f16(d, a, b0, b1);
}
template <>
__device__ inline void multiply<bf16>(float (&d)[4], const uint32_t (&a)[4], uint32_t b0,
                                      uint32_t b1) {
  cuda_emulation::ptx::multiply_bf16(d, a, b0, b1);
}

#endif

}  // namespace sirocco::cuda::ptx
