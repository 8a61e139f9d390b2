#include "loader/plugin.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <string_view>
#include <utility>

#include <boost/dll/shared_library.hpp>
#include <sirocco/error.hpp>

#include "loader/host.hpp"

namespace sirocco {
namespace {

/// A descriptor must reach at least as far as the function that makes it useful.
constexpr size_t kRequiredSize =
    offsetof(sirocco_plugin, get_interface) + sizeof(sirocco_plugin::get_interface);

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw Error(ErrorKind::plugin, file.string() + ": " + why);
}

bool is_name(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::string range(uint32_t low, uint32_t high) {
  return std::to_string(low) + " to " + std::to_string(high);
}

/// The loader's own words, without those that Boost.DLL puts around them.
std::string loader_message(std::string_view what) {
  constexpr std::string_view kBefore = "(dlerror system message: ";
  const size_t begin = what.find(kBefore);
  const size_t end = what.rfind("): ");
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin)
    return std::string(what);
  what = what.substr(0, end);
  return std::string(what.substr(begin + kBefore.size()));
}

/// Maps the file for good, even when the library object is gone: code of a plugin may run until the
/// very end of the process (thread-local destructors, device runtimes), so unmapping it is never
/// safe.
boost::dll::shared_library map_for_good(const std::filesystem::path& file) {
  namespace load_mode = boost::dll::load_mode;
  // Boost.DLL has no name for RTLD_NODELETE, but passes native flags on.
  const auto mode = static_cast<load_mode::type>(load_mode::rtld_now | load_mode::rtld_local |
                                                 static_cast<load_mode::type>(RTLD_NODELETE));
  try {
    // The throwing form: only it passes the loader's own message on.
    return boost::dll::shared_library(file, mode);
  } catch (const std::exception& e) {
    refuse(file, "cannot be loaded: " + loader_message(e.what()));
  }
}

void check_descriptor(const std::filesystem::path& file, const sirocco_plugin& plugin,
                      AbiRange host) {
  if (plugin.struct_size < kRequiredSize) {
    refuse(file, "its descriptor is " + std::to_string(plugin.struct_size) + " bytes long, " +
                     std::to_string(kRequiredSize) + " are needed");
  }
  // Not left to the plugin: one that answers every host must be refused all the same.
  if (plugin.abi_min > host.max || plugin.abi_max < host.min || plugin.abi_min > plugin.abi_max) {
    refuse(file, "speaks plugin ABI " + range(plugin.abi_min, plugin.abi_max) + ", this host " +
                     range(host.min, host.max));
  }
  for (const char* text :
       {plugin.name, plugin.version, plugin.vendor, plugin.licence, plugin.description})
    if (!text) refuse(file, "its descriptor lacks a name, version, vendor, licence or description");
  if (!is_name(plugin.name))
    refuse(file, "its name '" + std::string(plugin.name) + "' is not made of a-z, 0-9 and '-'");
  if (!plugin.get_interface) refuse(file, "its descriptor lacks get_interface");
}

}  // namespace

std::shared_ptr<Plugin> Plugin::load(const std::filesystem::path& file, AbiRange host_range) {
  const boost::dll::shared_library library = map_for_good(std::filesystem::absolute(file));
  if (!library.has(SIROCCO_PLUGIN_SYMBOL))
    refuse(file, std::string("exports no ") + SIROCCO_PLUGIN_SYMBOL);
  auto& query = library.get<std::remove_pointer_t<sirocco_plugin_query_fn>>(SIROCCO_PLUGIN_SYMBOL);

  std::string logged;
  HostConfig config;
  config.plugin_path = file.string();
  config.log = [&](int32_t, std::string_view message) { logged = message; };
  const Host host(std::move(config));
  const sirocco_plugin* descriptor = nullptr;
  try {
    descriptor = query(host_range.min, host_range.max, host.get());
  } catch (const std::exception& e) {
    refuse(file, std::string("threw from its query: ") + e.what());
  } catch (...) {
    refuse(file, "threw from its query");
  }
  if (!descriptor) refuse(file, logged.empty() ? "answered the query with nothing" : logged);
  check_descriptor(file, *descriptor, host_range);
  std::shared_ptr<Plugin> plugin(new Plugin);
  plugin->path_ = file;
  plugin->descriptor_ = descriptor;
  plugin->abi_version_ = std::min(descriptor->abi_max, host_range.max);
  return plugin;
}

Plugin::~Plugin() {
  const bool reaches = descriptor_ && descriptor_->struct_size >= sizeof(sirocco_plugin);
  if (reaches && descriptor_->shutdown) descriptor_->shutdown();
}

const void* Plugin::find(const char* id) const {
  return descriptor_->get_interface(id);
}

}  // namespace sirocco
