#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <sirocco/abi/plugin.h>

namespace sirocco {

/// The plugin ABIs that one side speaks.
struct AbiRange {
  uint32_t min = SIROCCO_ABI_VERSION_MIN;
  uint32_t max = SIROCCO_ABI_VERSION;
};

/// A plugin mapped into this process. It stays mapped until the process ends, even when the last
/// `Plugin` is gone.
class Plugin {
 public:
  /// Maps the file (RTLD_NOW | RTLD_LOCAL), finds the entry symbol and negotiates the ABI. Throws
  /// Error(plugin) with the full loader message. Does not probe: see PluginCatalog. `host` is what
  /// this side says it speaks; anything but the default is for tests.
  static std::shared_ptr<Plugin> load(const std::filesystem::path& file, AbiRange host = {});
  /// Calls the plugin's `shutdown`.
  ~Plugin();
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  const std::filesystem::path& path() const { return path_; }
  const sirocco_plugin& descriptor() const { return *descriptor_; }
  /// The ABI both sides settled on: the smaller of the two maxima.
  uint32_t abi_version() const { return abi_version_; }
  /// The interface of that id, or nullptr where the plugin does not offer it.
  template <class Interface>
  const Interface* find_interface(const char* id) const {
    return static_cast<const Interface*>(find(id));
  }

 private:
  Plugin() = default;
  const void* find(const char* id) const;
  std::filesystem::path path_;
  const sirocco_plugin* descriptor_ = nullptr;
  uint32_t abi_version_ = 0;
};

}  // namespace sirocco
