#pragma once
// One OpenCL device: its memory, its programs, and the one queue on which its work is done in
// order.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <CL/cl.h>
#include <sirocco/sdk/accelerator.hpp>

namespace sirocco::opencl {

class Device : public sdk::Accelerator {
 public:
  /// Throws StatusError.
  explicit Device(cl_device_id device);
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  ~Device() override;

  sirocco_device_info info() const override;
  void* allocate(uint64_t bytes, uint32_t kind) override;
  void release(void* allocation) noexcept override;
  void write(sdk::DeviceAddress target, const void* source, uint64_t bytes) override;
  void read(sdk::DeviceAddress source, void* target, uint64_t bytes) override;
  void copy(sdk::DeviceAddress source, sdk::DeviceAddress target, uint64_t bytes) override;

  /// A kernel of its own, of the program that the source file `file` makes with these options
  /// ("-DA=0 …"). Built once a device. Throws StatusError with the compiler's log.
  cl_kernel kernel(const std::string& file, const char* name, const std::string& options);
  cl_command_queue queue() const { return queue_; }

 private:
  cl_program build(const std::string& file, const std::string& options);

  cl_device_id device_;
  cl_context context_ = nullptr;
  cl_command_queue queue_ = nullptr;
  cl_device_type type_ = 0;
  uint64_t memory_bytes_ = 0;
  uint32_t alignment_ = 64;
  std::string name_, features_;
  std::map<std::string, cl_program> programs_;  ///< by file and options
};

/// Options of the plugin's own:
/// platform  part of a platform's name; every platform where it is not given
/// device    part of a device's name, or its number in the list of all; every device otherwise
inline constexpr const char* kOptions[] = {"platform", "device"};

/// The devices that the options ask for. Throws StatusError that says why there is none.
std::vector<std::unique_ptr<sdk::Accelerator>> open_devices(const sirocco_host* host);

inline cl_mem buffer_of(const sdk::DeviceAddress& address) {
  return static_cast<cl_mem>(address.allocation);
}

}  // namespace sirocco::opencl
