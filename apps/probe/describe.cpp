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
#include "loader/plugin.hpp"

namespace sirocco {
namespace {

constexpr const char* kInterfaces[] = {SIROCCO_INTERFACE_BACKEND,    SIROCCO_INTERFACE_OPS,
                                       SIROCCO_INTERFACE_TOKENIZER,  SIROCCO_INTERFACE_MODERATOR,
                                       SIROCCO_INTERFACE_CONSTRAINT, SIROCCO_INTERFACE_COLLECTIVE};

const char* device_kind(uint32_t kind) {
  switch (kind) {
    case SIROCCO_DEVICE_CPU: return "cpu";
    case SIROCCO_DEVICE_GPU: return "gpu";
    default: return "other";
  }
}

nlohmann::json list_ops(const sirocco_ops_interface& table) {
  nlohmann::json ops = nlohmann::json::array();
  for (size_t i = 0; i < table.n_ops; ++i) {
    const auto* op = reinterpret_cast<const sirocco_op*>(
        reinterpret_cast<const char*>(table.ops) + i * table.op_stride);
    ops.push_back(std::string(op->domain) + "." + op->name);
  }
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

}  // namespace

std::string describe_plugin(const std::filesystem::path& file, bool devices) {
  nlohmann::json json;
  try {
    const std::shared_ptr<Plugin> plugin = Plugin::load(file);
    const sirocco_plugin& descriptor = plugin->descriptor();
    json = {{"name", descriptor.name},           {"version", descriptor.version},
            {"vendor", descriptor.vendor},       {"licence", descriptor.licence},
            {"description", descriptor.description}, {"abi_min", descriptor.abi_min},
            {"abi_max", descriptor.abi_max},     {"interfaces", nlohmann::json::array()}};
    for (const char* id : kInterfaces)
      if (plugin->find_interface<void>(id)) json["interfaces"].push_back(id);
    if (const auto* ops = plugin->find_interface<sirocco_ops_interface>(SIROCCO_INTERFACE_OPS))
      json["ops"] = list_ops(*ops);
    if (devices && plugin->find_interface<void>(SIROCCO_INTERFACE_BACKEND)) {
      try {
        json["devices"] = list_devices(plugin);
      } catch (const Error& e) {
        json["devices_error"] = e.what();
      }
    }
  } catch (const Error& e) {
    // The file is named by whoever asked.
    std::string why = e.what();
    if (const std::string prefix = file.string() + ": "; why.starts_with(prefix))
      why.erase(0, prefix.size());
    json = {{"refused", why}};
  }
  return json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace sirocco
