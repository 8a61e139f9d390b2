#pragma once
// The emulated CUDA backend in this process, beside the emulator's own controls, and the reference
// backend to compare it with.

#include <cuda_emulation/control.hpp>

#include "support/load_backend.hpp"

extern "C" const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                                      const sirocco_host* host);

namespace cuda_test {

/// The plugin's sources are part of this program.
inline const sirocco_backend_interface& emulated() {
  return harness::backend_interface(sirocco_plugin_query);
}

inline const sirocco_backend_interface& reference() {
  return harness::load_backend("reference");
}

}  // namespace cuda_test
