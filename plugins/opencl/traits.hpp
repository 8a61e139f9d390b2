#pragma once
// What a device says of itself, as far as kernels are chosen by it.

#include <cstddef>
#include <cstdint>
#include <string>

#include <CL/cl.h>

namespace sirocco::opencl {

struct Traits {
  cl_device_type type = 0;
  std::string name;      ///< vendor and device
  std::string version;   ///< OpenCL's
  std::string driver;    ///< its version
  std::string features;  ///< for people
  uint64_t memory_bytes = 0;
  uint64_t local_bytes = 0;  ///< memory that a work-group shares
  uint32_t alignment = 64;   ///< bytes
  uint32_t compute_units = 1;
  size_t work_group = 1;  ///< most items

  /// Throws StatusError.
  static Traits of(cl_device_id device);

  /// A CPU does best with items that use vectors, others with items that share rows.
  bool is_cpu() const { return (type & CL_DEVICE_TYPE_CPU) != 0; }
  /// Everything that a program's binary or a timing depends on.
  std::string identity() const {
    return name + "\n" + version + "\n" + driver + "\n" + std::to_string(compute_units);
  }
};

/// A text that a device has, without the blanks around it.
std::string text_of(cl_device_id device, cl_device_info what);

}  // namespace sirocco::opencl
