#pragma once
// One OpenCL device: its memory, its programs, and the one queue on which its work is done in
// order.

#include <memory>
#include <string>
#include <vector>

#include <CL/cl.h>
#include <sirocco/sdk/accelerator.hpp>

#include "disk_cache.hpp"
#include "programs.hpp"
#include "traits.hpp"

namespace sirocco::opencl {

/// Options of the plugin's own.
struct Settings {
  std::string platform;         ///< part of a platform's name; "": every platform
  std::string device;           ///< part of a device's name, or its number; "": every device
  std::filesystem::path cache;  ///< folder of programs and of what the tuner found; "": none
  bool autotune = true;         ///< false: kernels' shapes are the defaults of the kind of device
  uint32_t lanes = 0;           ///< work-items that share a row; 0: what suits the device

  /// Throws StatusError for values that are none.
  static Settings read(const sirocco_host* host);
};
inline constexpr const char* kOptions[] = {"platform", "device", "cache", "autotune", "lanes"};

class Device : public sdk::Accelerator {
 public:
  /// Throws StatusError.
  Device(cl_device_id device, Traits traits, const Settings& settings, DiskCache::Log log);
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  ~Device() override;

  sirocco_device_info info() const override;
  void* allocate(uint64_t bytes, uint32_t kind) override;
  void release(void* allocation) noexcept override;
  void write(sdk::DeviceAddress target, const void* source, uint64_t bytes) override;
  void read(sdk::DeviceAddress source, void* target, uint64_t bytes) override;
  void copy(sdk::DeviceAddress source, sdk::DeviceAddress target, uint64_t bytes) override;

  Programs& programs() { return *programs_; }
  DiskCache& cache() { return cache_; }
  const Traits& traits() const { return traits_; }
  const Settings& settings() const { return settings_; }
  cl_command_queue queue() const { return queue_; }
  /// A queue whose events tell times; the caller releases it.
  cl_command_queue timing_queue() const;

 private:
  cl_device_id device_;
  Traits traits_;
  Settings settings_;
  DiskCache cache_;
  cl_context context_ = nullptr;
  cl_command_queue queue_ = nullptr;
  std::unique_ptr<Programs> programs_;
};

/// The devices that the options ask for. Throws StatusError that says why there is none.
std::vector<std::unique_ptr<sdk::Accelerator>> open_devices(const sirocco_host* host);

inline cl_mem buffer_of(const sdk::DeviceAddress& address) {
  return static_cast<cl_mem>(address.allocation);
}

}  // namespace sirocco::opencl
