#include "reference_plugin.hpp"

#include <dlfcn.h>

#include <stdexcept>
#include <string>

#include <sirocco/abi/plugin.h>

const sirocco_backend_interface& reference_backend() {
  static const sirocco_backend_interface* table = [] {
    const std::string path = std::string(SIROCCO_BUILD_DIR) + "/lib/sirocco/plugins/reference.so";
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) throw std::runtime_error(dlerror());
    const auto query =
        reinterpret_cast<sirocco_plugin_query_fn>(dlsym(library, SIROCCO_PLUGIN_SYMBOL));
    const harness::Host host;
    const sirocco_plugin* plugin = query(SIROCCO_ABI_VERSION_MIN, SIROCCO_ABI_VERSION, host.get());
    return static_cast<const sirocco_backend_interface*>(
        plugin->get_interface(SIROCCO_INTERFACE_BACKEND));
  }();
  return *table;
}
