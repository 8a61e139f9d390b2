#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sirocco/abi/backend.h>

#include "loader/host.hpp"
#include "loader/plugin.hpp"

namespace sirocco {

/// One instance of a backend plugin, created with the options of one deployment entry. Calls throw
/// Error(plugin) "<name>: <what>: <the plugin's message>" where the plugin does not return OK.
class Backend {
 public:
  /// `name` is what the deployment calls it. Throws Error(plugin) where the plugin offers no
  /// backend interface, one too short for this host, or fails to start.
  static std::shared_ptr<Backend> create(std::string name, std::shared_ptr<Plugin> plugin,
                                         HostConfig host);
  ~Backend();
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  const std::string& name() const { return name_; }
  const Plugin& plugin() const { return *plugin_; }
  const sirocco_backend_interface& interface() const { return interface_; }
  sirocco_backend* handle() const { return handle_; }
  uint32_t device_count() const { return interface_.device_count(handle_); }
  sirocco_device_info device_info(uint32_t device) const;

  /// Throws unless `status` is SIROCCO_OK.
  void check(sirocco_status status, const char* what, const sirocco_error& error) const;
  /// Calls a function of the interface with this instance and a place for the error.
  template <class Function, class... Arguments>
  void call(Function function, const char* what, Arguments... arguments) const {
    sirocco_error error = empty_error();
    if (!function) missing(what);
    check(function(handle_, arguments..., &error), what, error);
  }
  static sirocco_error empty_error();
  /// Throws: the backend does not offer `what`, or answered with nothing.
  [[noreturn]] void missing(const char* what) const;

 private:
  Backend() = default;

  std::string name_;
  std::shared_ptr<Plugin> plugin_;
  std::unique_ptr<Host> host_;
  sirocco_backend_interface interface_{};  ///< a copy whose absent tail is zero
  sirocco_backend* handle_ = nullptr;
};

/// One device of one backend: where nodes are placed.
struct Device {
  std::shared_ptr<Backend> backend;
  uint32_t index = 0;  ///< within the backend
  std::string name;    ///< the backend's; with ":1" for another device than its first
  sirocco_device_info info{};

  bool host_visible() const { return info.flags & SIROCCO_DEVICE_HOST_VISIBLE; }
  bool imports_host() const { return info.flags & SIROCCO_DEVICE_IMPORTS_HOST; }
  bool offers_times() const { return backend->interface().read_times; }
  bool asynchronous() const { return info.flags & SIROCCO_DEVICE_ASYNCHRONOUS; }
};

/// Throws Error(plugin) where the backend lacks that device, or what it takes to run on it.
Device open_device(std::shared_ptr<Backend> backend, uint32_t index);

/// What the backend says that it holds of the device's memory; none where it does not say. Throws
/// Error(plugin) where it fails.
std::optional<sirocco_memory_use> memory_use(const Device& device);

/// Memory of one device; gives it back when destroyed. `mapped` is NULL where the host may not
/// touch it.
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  static DeviceBuffer create(const Device& device, uint64_t bytes, uint32_t memory);
  /// Over host memory that outlives it.
  static DeviceBuffer import(const Device& device, const void* memory, uint64_t bytes);
  DeviceBuffer(DeviceBuffer&& other) noexcept { *this = std::move(other); }
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept;
  ~DeviceBuffer();

  sirocco_buffer* get() const { return buffer_; }
  std::byte* mapped() const { return mapped_; }
  uint64_t size() const { return size_; }
  sirocco_span span(uint64_t offset, uint64_t size) const { return {buffer_, offset, size}; }
  void write(uint64_t offset, const void* source, uint64_t bytes) const;
  void read(uint64_t offset, void* target, uint64_t bytes) const;

 private:
  std::shared_ptr<Backend> backend_;
  sirocco_buffer* buffer_ = nullptr;
  std::byte* mapped_ = nullptr;
  uint64_t size_ = 0;
};

}  // namespace sirocco
