#pragma once
// What a test sees of the emulator and sets in it. The environment sets the same:
//   CUDA_EMULATION_SEED      order in which threads, blocks and streams run
//   CUDA_EMULATION_DEVICES   how many devices there are; 0: cudaErrorNoDevice
//   CUDA_EMULATION_MEMORY    bytes of each device
//   CUDA_EMULATION_DRIVER    "none": cudaErrorInsufficientDriver
//   CUDA_EMULATION_LOST      the device is lost at that launch
//   CUDA_EMULATION_CUBLASLT  "absent": the library is not found; "no-handle", "no-algorithm": it
//                            finds none; "fail": its products fail, "not-these-rows": as
//                            unsupported
//   CUDA_EMULATION_COUNT     a file: loads, stores and unique 32-byte sectors of every launch
//   CUDA_EMULATION_CHECKS    "off": nothing is looked at, for speed

#include <cstdint>
#include <string>
#include <vector>

namespace cuda_emulation {

/// What a launch did that no correct kernel does.
struct Violation {
  std::string kind;    ///< "race", "out of bounds", "uninitialised", "stale address", …
  std::string kernel;  ///< the launch's name
  std::string text;    ///< the whole message
};

/// Those since the last `reset`, at most one of a kind a launch.
const std::vector<Violation>& violations();
/// Forgets violations, errors and counts, and sets the seed. No stream may have work.
void reset(uint64_t seed);
uint64_t launches();
/// Allocations of device memory and pinned memory that were not freed, and what libraries hold.
size_t live_allocations();
/// The device is lost after so many more launches.
void lose_device_after(uint64_t launches);
/// The n-th cudaMalloc from now on finds no memory; 0: none fails.
void fail_allocation(uint64_t n);

/// Bytes of global memory that launches touched.
struct Traffic {
  uint64_t loaded = 0, stored = 0;  ///< as asked for by the threads
  uint64_t read_sectors = 0;        ///< unique 32-byte sectors of a launch, summed over launches
  uint64_t written_sectors = 0;
};
/// Since the last `reset`; 0 unless `count_traffic(true)` or CUDA_EMULATION_COUNT asked for it.
Traffic traffic();
void count_traffic(bool wanted);

}  // namespace cuda_emulation
