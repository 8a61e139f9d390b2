#pragma once
// The programs of a device: built once for each set of options, or read from the disk cache.

#include <map>
#include <string>

#include <CL/cl.h>

#include "disk_cache.hpp"

namespace sirocco::opencl {

/// Which kernel: its function, the source file of ops/ that has it, one that goes before, and the
/// compiler's options ("-DA=f32 …").
struct KernelName {
  std::string file;
  std::string function;
  std::string options;
  std::string before = {};
};

class Programs {
 public:
  /// `identity` tells the device, its driver and its version from every other. `cache` outlives it.
  Programs(cl_context context, cl_device_id device, std::string identity, DiskCache& cache);
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;
  ~Programs();

  /// The caller releases it. Throws StatusError with the compiler's log and the kernel's name.
  cl_kernel kernel(const KernelName& name);

 private:
  cl_program make(const KernelName& name);
  cl_program from_cache(const std::string& key, const std::string& options) const;
  void keep(cl_program program, const std::string& key) const;

  cl_context context_;
  cl_device_id device_;
  std::string identity_;
  DiskCache& cache_;
  std::map<std::string, cl_program> programs_;  ///< by file and options
};

/// All sources of kernels as one text.
std::string all_sources();

}  // namespace sirocco::opencl
