#include "describe.hpp"

#include <nlohmann/json.hpp>

#include <sirocco/abi/backend.h>
#include <sirocco/abi/collective.h>
#include <sirocco/abi/constraint.h>
#include <sirocco/abi/moderator.h>
#include <sirocco/abi/ops.h>
#include <sirocco/abi/tokenizer.h>
#include <sirocco/error.hpp>

#include "exec/backend.hpp"
#include "graph/op.hpp"
#include "graph/plugin_ops.hpp"
#include "loader/plugin.hpp"

namespace sirocco {
namespace {

constexpr const char* kInterfaces[] = {SIROCCO_INTERFACE_BACKEND,    SIROCCO_INTERFACE_OPS,
                                       SIROCCO_INTERFACE_TOKENIZER,  SIROCCO_INTERFACE_MODERATOR,
                                       SIROCCO_INTERFACE_CONSTRAINT, SIROCCO_INTERFACE_COLLECTIVE};

const char* device_kind(uint32_t kind) {
  switch (kind) {
    case SIROCCO_DEVICE_CPU:
      return "cpu";
    case SIROCCO_DEVICE_GPU:
      return "gpu";
    default:
      return "other";
  }
}

/// Read as the engine reads them, so that a table it could not use refuses the plugin here.
nlohmann::json list_ops(const sirocco_ops_interface* table, const std::string& provider) {
  OpRegistry registry = OpRegistry::with_builtin_ops();
  add_plugin_ops(registry, table, provider);
  nlohmann::json ops = nlohmann::json::array();
  for (const OpDef* op : registry.all())
    if (op->provider == provider) ops.push_back(op->full_name());
  return ops;
}

nlohmann::json list_devices(const std::shared_ptr<Plugin>& plugin) {
  nlohmann::json devices = nlohmann::json::array();
  HostConfig config;
  config.log = [](int32_t, std::string_view) {};
  const auto backend = Backend::create(plugin->descriptor().name, plugin, std::move(config));
  for (uint32_t d = 0; d < backend->device_count(); ++d) {
    const sirocco_device_info info = backend->device_info(d);
    devices.push_back({{"name", std::string(info.name.data, info.name.size)},
                       {"kind", device_kind(info.kind)},
                       {"features", std::string(info.features.data, info.features.size)},
                       {"memory_bytes", info.memory_bytes}});
  }
  return devices;
}

nlohmann::json describe(const std::filesystem::path& file, bool devices) {
  const std::shared_ptr<Plugin> plugin = Plugin::load(file);
  const sirocco_plugin& descriptor = plugin->descriptor();
  nlohmann::json json = {{"name", descriptor.name},
                         {"version", descriptor.version},
                         {"vendor", descriptor.vendor},
                         {"licence", descriptor.licence},
                         {"description", descriptor.description},
                         {"abi_min", descriptor.abi_min},
                         {"abi_max", descriptor.abi_max},
                         {"interfaces", nlohmann::json::array()}};
  for (const char* id : kInterfaces)
    if (plugin->find_interface<void>(id)) json["interfaces"].push_back(id);
  if (const auto* ops = plugin->find_interface<sirocco_ops_interface>(SIROCCO_INTERFACE_OPS))
    json["ops"] = list_ops(ops, descriptor.name);
  if (devices && plugin->find_interface<void>(SIROCCO_INTERFACE_BACKEND)) {
    try {
      json["devices"] = list_devices(plugin);
    } catch (const Error& e) {
      json["devices_error"] = e.what();
    }
  }
  return json;
}

}  // namespace

std::string describe_plugin(const std::filesystem::path& file, bool devices) {
  nlohmann::json json;
  try {
    json = describe(file, devices);
  } catch (const Error& e) {
    // The file is named by whoever asked.
    std::string why = e.what();
    if (const std::string prefix = file.string() + ": "; why.starts_with(prefix))
      why.erase(0, prefix.size());
    json = {{"refused", why}};
  } catch (const std::exception& e) {
    json = {{"refused", std::string("threw while being probed: ") + e.what()}};
  } catch (...) {
    json = {{"refused", "threw something that is no std::exception while being probed"}};
  }
  return json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace sirocco
