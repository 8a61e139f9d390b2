#include "traits.hpp"

#include <algorithm>

#include "error.hpp"

namespace sirocco::opencl {
namespace {

template <class T>
T number_of(cl_device_id device, cl_device_info what) {
  T value{};
  check(clGetDeviceInfo(device, what, sizeof value, &value, nullptr), "clGetDeviceInfo");
  return value;
}

}  // namespace

std::string text_of(cl_device_id device, cl_device_info what) {
  size_t bytes = 0;
  check(clGetDeviceInfo(device, what, 0, nullptr, &bytes), "clGetDeviceInfo");
  std::string text(bytes, '\0');
  check(clGetDeviceInfo(device, what, bytes, text.data(), nullptr), "clGetDeviceInfo");
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.pop_back();
  return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

Traits Traits::of(cl_device_id device) {
  Traits traits;
  traits.type = number_of<cl_device_type>(device, CL_DEVICE_TYPE);
  traits.name = text_of(device, CL_DEVICE_VENDOR) + " " + text_of(device, CL_DEVICE_NAME);
  traits.version = text_of(device, CL_DEVICE_VERSION);
  traits.driver = text_of(device, CL_DRIVER_VERSION);
  traits.memory_bytes = number_of<cl_ulong>(device, CL_DEVICE_GLOBAL_MEM_SIZE);
  traits.local_bytes = number_of<cl_ulong>(device, CL_DEVICE_LOCAL_MEM_SIZE);
  traits.alignment = std::max(64u, number_of<cl_uint>(device, CL_DEVICE_MEM_BASE_ADDR_ALIGN) / 8);
  traits.compute_units = number_of<cl_uint>(device, CL_DEVICE_MAX_COMPUTE_UNITS);
  traits.work_group = number_of<size_t>(device, CL_DEVICE_MAX_WORK_GROUP_SIZE);
  traits.features = traits.version + ", driver " + traits.driver;
  const std::string extensions = text_of(device, CL_DEVICE_EXTENSIONS);
  for (const auto& [extension, name] :
       {std::pair{"cl_khr_fp16", "fp16"}, std::pair{"cl_khr_subgroups", "subgroups"},
        std::pair{"cl_khr_integer_dot_product", "integer dot products"}})
    if (extensions.find(extension) != std::string::npos)
      traits.features += std::string(", ") + name;
  if (!number_of<cl_bool>(device, CL_DEVICE_ENDIAN_LITTLE))
    throw sdk::StatusError(SIROCCO_UNSUPPORTED, traits.name + " is big-endian, weights are not");
  return traits;
}

}  // namespace sirocco::opencl
