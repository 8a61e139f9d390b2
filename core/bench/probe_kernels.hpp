#pragma once
// The loops of the probe, by instruction set; those that this processor lacks are not offered.

#include <cstddef>
#include <vector>

namespace sirocco {

/// Reads `bytes` bytes (a multiple of 4096, 64-byte aligned); the result depends on all of them.
using ReadKernel = float (*)(const char* memory, size_t bytes);
/// Ways to read: one stream or several, with and without fetching ahead.
std::vector<ReadKernel> read_kernels();

/// Does `rounds` rounds of arithmetic on registers; the result depends on all of them.
struct FlopKernel {
  float (*run)(size_t rounds);
  double flops_per_round;
};
std::vector<FlopKernel> flop_kernels();

}  // namespace sirocco
