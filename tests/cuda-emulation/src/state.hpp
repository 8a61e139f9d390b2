#pragma once
// What the parts of the emulator share: one device memory, one running launch, one list of faults.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>

#include <cuda_runtime.h>

namespace cuda_emulation {

/// Everything is done under it: the emulator runs one thing at a time.
std::recursive_mutex& the_lock();
std::mt19937_64& the_order();

/// Notes a violation of the running launch; the device is lost with `error`, as a GPU's would be.
void report(const std::string& kind, const std::string& text,
            cudaError_t error = cudaErrorIllegalAddress);
/// The error that every call answers since the device was lost; cudaSuccess before.
cudaError_t lost();
/// Keeps an error for cudaGetLastError, and returns it.
cudaError_t keep(cudaError_t error);

/// The calling thread's.
int current_device();

/// The launch that runs now.
struct Running {
  const void* kernel = nullptr;  ///< NULL: a copy
  uint64_t first_block = 0;      ///< serial number of its first block
  uint64_t block = 0;            ///< serial number of the block that runs
  uint32_t block_epoch = 0;      ///< barriers of the block so far
  uint32_t warp_epochs[32] = {};
  bool active = false;
};
extern Running running;

std::string describe_thread(unsigned thread);
/// The demangled name, "a kernel" where it has none that is visible.
std::string name_of(const void* kernel);

}  // namespace cuda_emulation
