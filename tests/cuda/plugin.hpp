#pragma once
// The emulated CUDA backend in this process, beside the emulator's own controls, and the reference
// backend to compare it with.

#include <dlfcn.h>

#include <stdexcept>
#include <string>

#include <sirocco/abi/plugin.h>
#include <cuda_emulation/control.hpp>

#include "unit/sdk/backend_harness.hpp"
#include "unit/sdk/graph_builder.hpp"
#include "unit/sdk/step_builder.hpp"

extern "C" const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                                      const sirocco_host* host);

namespace cuda_test {

inline const sirocco_backend_interface& interface_of(decltype(&sirocco_plugin_query) query) {
  const harness::Host host;
  const sirocco_plugin* plugin = query(SIROCCO_ABI_VERSION_MIN, SIROCCO_ABI_VERSION, host.get());
  if (!plugin) throw std::runtime_error("the plugin speaks another ABI");
  return *static_cast<const sirocco_backend_interface*>(
      plugin->get_interface(SIROCCO_INTERFACE_BACKEND));
}

/// The plugin's sources are part of this program.
inline const sirocco_backend_interface& emulated() {
  return interface_of(sirocco_plugin_query);
}

inline const sirocco_backend_interface& reference() {
  void* library = dlopen(SIROCCO_BUILD_DIR "/lib/sirocco/plugins/reference.so", RTLD_NOW);
  if (!library) throw std::runtime_error(dlerror());
  return interface_of(
      reinterpret_cast<decltype(&sirocco_plugin_query)>(dlsym(library, "sirocco_plugin_query")));
}

}  // namespace cuda_test
