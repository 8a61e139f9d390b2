#pragma once
// A backend plugin of the build folder in this process, by its C interface alone.

#include <dlfcn.h>

#include <stdexcept>
#include <string>

#include <sirocco/abi/plugin.h>

#include "unit/sdk/backend_harness.hpp"

namespace harness {

/// Throws std::runtime_error where the plugin speaks another ABI.
inline const sirocco_backend_interface& backend_interface(sirocco_plugin_query_fn query) {
  const Host host;
  const sirocco_plugin* plugin = query(SIROCCO_ABI_VERSION_MIN, SIROCCO_ABI_VERSION, host.get());
  if (!plugin) throw std::runtime_error("the plugin speaks another ABI");
  return *static_cast<const sirocco_backend_interface*>(
      plugin->get_interface(SIROCCO_INTERFACE_BACKEND));
}

/// Of the plugin that is built under that name; it stays loaded. Throws std::runtime_error.
inline const sirocco_backend_interface& load_backend(const std::string& name) {
  const std::string path = SIROCCO_BUILD_DIR "/lib/sirocco/plugins/" + name + ".so";
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw std::runtime_error(dlerror());
  return backend_interface(
      reinterpret_cast<sirocco_plugin_query_fn>(dlsym(library, SIROCCO_PLUGIN_SYMBOL)));
}

}  // namespace harness
