#include "exec/backend.hpp"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <utility>

#include <sirocco/error.hpp>

namespace sirocco {
namespace {

/// The part of the interface that every backend must offer: all up to `execute`, without which
/// nothing can run.
constexpr size_t kRequiredSize =
    offsetof(sirocco_backend_interface, execute) + sizeof(sirocco_backend_interface::execute);

using NamedFunction = std::pair<const char*, bool>;  ///< with whether it is offered

/// Throws where one is not offered.
void require_functions(const std::string& backend, std::initializer_list<NamedFunction> needed) {
  for (const auto& [name, offered] : needed) {
    if (!offered) {
      throw Error(ErrorKind::plugin, backend + ": its " + SIROCCO_INTERFACE_BACKEND + " lacks " +
                                         name + ", without which nothing can run");
    }
  }
}

/// What it takes to ask a backend for its devices.
void require_devices(const std::string& backend, const sirocco_backend_interface& table) {
  require_functions(
      backend,
      {{"create", table.create}, {"destroy", table.destroy}, {"device_count", table.device_count}});
}

/// What it takes to run a model on one.
void require_execution(const std::string& backend, const sirocco_backend_interface& table) {
  require_functions(backend, {{"device_info", table.device_info},
                              {"buffer_create", table.buffer_create},
                              {"buffer_destroy", table.buffer_destroy},
                              {"buffer_write", table.buffer_write},
                              {"buffer_read", table.buffer_read},
                              {"claim", table.claim},
                              {"pack_query", table.pack_query},
                              {"compile", table.compile},
                              {"executable_destroy", table.executable_destroy},
                              {"executable_info", table.executable_info},
                              {"execute", table.execute},
                              {"state_destroy", table.state_destroy || !table.state_create}});
}

const char* status_name(sirocco_status status) {
  switch (status) {
    case SIROCCO_INVALID_ARGUMENT:
      return "invalid argument";
    case SIROCCO_UNSUPPORTED:
      return "unsupported";
    case SIROCCO_OUT_OF_MEMORY:
      return "out of memory";
    case SIROCCO_DEVICE_LOST:
      return "device lost";
    case SIROCCO_IO:
      return "input or output failed";
    case SIROCCO_CANCELLED:
      return "cancelled";
    case SIROCCO_DEADLINE_EXCEEDED:
      return "deadline exceeded";
    default:
      return "failed";
  }
}

}  // namespace

sirocco_error Backend::empty_error() {
  sirocco_error error;
  error.struct_size = sizeof error;
  error.message[0] = '\0';
  return error;
}

void Backend::missing(const char* what) const {
  throw Error(ErrorKind::plugin, name_ + ": " + what + ": the backend does not offer this");
}

void Backend::check(sirocco_status status, const char* what, const sirocco_error& error) const {
  if (status == SIROCCO_OK) return;
  const size_t length = strnlen(error.message, sizeof error.message);
  std::string message = length ? std::string(error.message, length) : status_name(status);
  throw Error(ErrorKind::plugin, name_ + ": " + what + ": " + message);
}

std::shared_ptr<Backend> Backend::create(std::string name, std::shared_ptr<Plugin> plugin,
                                         HostConfig host) {
  const auto* offered =
      plugin->find_interface<sirocco_backend_interface>(SIROCCO_INTERFACE_BACKEND);
  if (!offered) {
    throw Error(ErrorKind::plugin, name + ": " + plugin->path().string() + " offers no " +
                                       SIROCCO_INTERFACE_BACKEND +
                                       "; `sirocco plugins` lists what it does offer");
  }
  if (offered->struct_size < kRequiredSize) {
    throw Error(ErrorKind::plugin, name + ": its " + SIROCCO_INTERFACE_BACKEND + " is " +
                                       std::to_string(offered->struct_size) +
                                       " bytes long, too short to execute anything (" +
                                       std::to_string(kRequiredSize) + " needed)");
  }
  std::shared_ptr<Backend> backend(new Backend);
  backend->name_ = std::move(name);
  std::memcpy(&backend->interface_, offered,
              std::min(offered->struct_size, sizeof backend->interface_));
  require_devices(backend->name_, backend->interface_);
  host.plugin_path = plugin->path().string();
  host.abi_version = plugin->abi_version();
  backend->plugin_ = std::move(plugin);
  backend->host_ = std::make_unique<Host>(std::move(host));
  sirocco_error error = empty_error();
  backend->check(backend->interface_.create(backend->host_->get(), &backend->handle_, &error),
                 "create", error);
  if (!backend->handle_) backend->missing("create");
  return backend;
}

Backend::~Backend() {
  if (handle_) interface_.destroy(handle_);
}

sirocco_device_info Backend::device_info(uint32_t device) const {
  sirocco_device_info info{};
  info.struct_size = sizeof info;
  call(interface_.device_info, "device_info", device, &info);
  return info;
}

std::optional<sirocco_memory_use> memory_use(const Device& device) {
  const Backend& backend = *device.backend;
  if (!backend.interface().memory_use) return std::nullopt;
  sirocco_memory_use use{};
  use.struct_size = sizeof use;
  backend.call(backend.interface().memory_use, "memory_use", device.index, &use);
  return use;
}

Device open_device(std::shared_ptr<Backend> backend, uint32_t index) {
  require_execution(backend->name(), backend->interface());
  const uint32_t count = backend->device_count();
  if (index >= count) {
    throw Error(ErrorKind::plugin, backend->name() + ": no device " + std::to_string(index) +
                                       "; it has " + std::to_string(count));
  }
  Device device;
  device.info = backend->device_info(index);
  if (device.asynchronous()) {
    // Its work would be read before it is done.
    throw Error(ErrorKind::plugin, backend->name() + ": device " + std::to_string(index) +
                                       " only works through queues and timelines, which this host "
                                       "does not drive; it runs synchronous devices");
  }
  device.index = index;
  device.name = index == 0 ? backend->name() : backend->name() + ":" + std::to_string(index);
  device.backend = std::move(backend);
  return device;
}

DeviceBuffer DeviceBuffer::create(const Device& device, uint64_t bytes, uint32_t memory) {
  DeviceBuffer buffer;
  const auto& backend = *device.backend;
  backend.call(backend.interface().buffer_create, "buffer_create", device.index,
               std::max<uint64_t>(bytes, 1), memory, &buffer.buffer_);
  buffer.backend_ = device.backend;
  buffer.size_ = bytes;
  if (device.host_visible()) {
    void* mapped = nullptr;
    backend.call(backend.interface().buffer_map, "buffer_map", buffer.buffer_, &mapped);
    if (!mapped) backend.missing("buffer_map");
    buffer.mapped_ = static_cast<std::byte*>(mapped);
  }
  return buffer;
}

DeviceBuffer DeviceBuffer::import(const Device& device, const void* memory, uint64_t bytes) {
  DeviceBuffer buffer;
  const auto& backend = *device.backend;
  backend.call(backend.interface().buffer_import, "buffer_import", device.index, memory, bytes,
               &buffer.buffer_);
  buffer.backend_ = device.backend;
  buffer.size_ = bytes;
  return buffer;
}

DeviceBuffer& DeviceBuffer::operator=(DeviceBuffer&& other) noexcept {
  std::swap(backend_, other.backend_);
  std::swap(buffer_, other.buffer_);
  std::swap(mapped_, other.mapped_);
  std::swap(size_, other.size_);
  return *this;
}

DeviceBuffer::~DeviceBuffer() {
  if (buffer_) backend_->interface().buffer_destroy(backend_->handle(), buffer_);
}

void DeviceBuffer::write(uint64_t offset, const void* source, uint64_t bytes) const {
  if (bytes == 0) return;
  backend_->call(backend_->interface().buffer_write, "buffer_write", span(offset, bytes), source);
}

void DeviceBuffer::read(uint64_t offset, void* target, uint64_t bytes) const {
  if (bytes == 0) return;
  backend_->call(backend_->interface().buffer_read, "buffer_read", span(offset, bytes), target);
}

}  // namespace sirocco
