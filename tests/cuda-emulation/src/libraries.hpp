#pragma once
// What emulated libraries hold.

#include <cstddef>

namespace cuda_emulation {

/// Handles and descriptors that were not destroyed.
size_t live_library_objects();

}  // namespace cuda_emulation
