#pragma once
// Products of matrices in device memory, as libraries make them.

#include <cstdint>

#include <cublasLt.h>

namespace cuda_emulation {

/// D = alpha · Aᵀ · B + beta · C, columns of A and B of `k` elements, those of C and D of `m`.
struct Product {
  uint64_t m, n, k;
  cudaDataType_t type;
  uint64_t a_stride, b_stride, c_stride, d_stride;
  const char *a, *b, *c;
  char *d, *workspace;
  uint64_t workspace_bytes;
  float alpha, beta;

  uint64_t size() const { return type == CUDA_R_32F ? 4 : 2; }
  /// From the first byte to the last of `columns` columns.
  uint64_t bytes(uint64_t rows, uint64_t columns, uint64_t stride) const {
    return columns ? ((columns - 1) * stride + rows) * size() : 0;
  }
};

/// Does it over plain loops, or reports matrices beyond their allocation, weights (A) that nobody
/// wrote, an output in what is read. Columns made of anything else unwritten are unwritten.
void multiply(const Product& product);

}  // namespace cuda_emulation
