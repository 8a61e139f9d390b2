#pragma once
// A backend that is built where what its devices need is missing: found by name like any other, and
// its reason is what a person is told, instead of an unknown name.

#include <memory>
#include <string_view>
#include <vector>

#include <sirocco/sdk/accelerator_backend.hpp>
#include <sirocco/sdk/plugin.hpp>

namespace sirocco::sdk {

/// Strings of static storage.
struct AbsentBackend {
  const char* name = nullptr;         ///< the plugin's
  const char* description = nullptr;  ///< one line
  const char* reason = nullptr;       ///< what was missing, and where it comes from
};

/// The plugin, for SIROCCO_DEFINE_PLUGIN; `kAbsent` has static storage.
template <const AbsentBackend& kAbsent>
struct AbsentPlugin {
  static std::vector<std::unique_ptr<Accelerator>> open(const sirocco_host*) {
    throw StatusError(SIROCCO_UNSUPPORTED, kAbsent.reason);
  }
  static inline const AcceleratorDescription backend{.open = open};

  static const void* get_interface(const char* id) {
    if (std::string_view(id) == SIROCCO_INTERFACE_BACKEND)
      return &AcceleratorInterface<backend>::table;
    return nullptr;
  }

  static constexpr sirocco_plugin plugin{
      .struct_size = sizeof(sirocco_plugin),
      .abi_min = SIROCCO_ABI_VERSION_MIN,
      .abi_max = SIROCCO_ABI_VERSION,
      .name = kAbsent.name,
      .version = "0.1.0",
      .vendor = "Sirocco",
      .licence = "Apache-2.0",
      .description = kAbsent.description,
      .get_interface = get_interface,
      .shutdown = nullptr,
  };
};

}  // namespace sirocco::sdk
