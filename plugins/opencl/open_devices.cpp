// Which devices there are, and which of them the options ask for.

#include <charconv>

#include "device.hpp"
#include "error.hpp"

namespace sirocco::opencl {
namespace {

[[noreturn]] void refuse_option(const char* key, const std::string& value, const char* expected) {
  throw sdk::StatusError(SIROCCO_INVALID_ARGUMENT,
                         std::string("option ") + key + ": \"" + value + "\" is not " + expected);
}

uint32_t read_lanes(const std::string& value) {
  if (value.empty()) return 0;
  uint32_t lanes = 0;
  const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), lanes);
  if (problem != std::errc() || end != value.data() + value.size() || lanes == 0 || lanes > 256 ||
      (lanes & (lanes - 1)) != 0)
    refuse_option("lanes", value, "a power of two of at most 256");
  return lanes;
}

std::vector<cl_platform_id> platforms() {
  cl_uint n = 0;
  const cl_int error = clGetPlatformIDs(0, nullptr, &n);
  if (error != CL_SUCCESS || n == 0)
    throw sdk::StatusError(SIROCCO_FAILED,
                           std::string("no OpenCL platform is installed (") + name_of(error) +
                               "); PoCL, in Debian's package pocl-opencl-icd, is one for CPUs");
  std::vector<cl_platform_id> ids(n);
  check(clGetPlatformIDs(n, ids.data(), nullptr), "clGetPlatformIDs");
  return ids;
}

std::string name_of_platform(cl_platform_id platform) {
  char name[256] = {};
  clGetPlatformInfo(platform, CL_PLATFORM_NAME, sizeof name - 1, name, nullptr);
  return name;
}

/// None where the platform says so.
std::vector<cl_device_id> devices_of(cl_platform_id platform) {
  cl_uint n = 0;
  if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &n) != CL_SUCCESS) return {};
  std::vector<cl_device_id> ids(n);
  check(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, n, ids.data(), nullptr), "clGetDeviceIDs");
  return ids;
}

}  // namespace

Settings Settings::read(const sirocco_host* host) {
  Settings settings;
  settings.platform = sdk::option(host, "platform");
  settings.device = sdk::option(host, "device");
  settings.cache = DiskCache::folder_of(sdk::option(host, "cache"));
  const std::string autotune = sdk::option(host, "autotune", "true");
  if (autotune != "true" && autotune != "false")
    refuse_option("autotune", autotune, "true or false");
  settings.autotune = autotune == "true";
  settings.lanes = read_lanes(sdk::option(host, "lanes"));
  return settings;
}

std::vector<std::unique_ptr<sdk::Accelerator>> open_devices(const sirocco_host* host) {
  const Settings settings = Settings::read(host);
  const auto log = [host](const std::string& message) {
    sdk::log(host, SIROCCO_LOG_WARNING, "opencl: " + message);
  };
  std::vector<std::unique_ptr<sdk::Accelerator>> devices;
  std::string all;
  size_t number = 0;
  for (cl_platform_id platform : platforms()) {
    const std::string platform_name = name_of_platform(platform);
    for (cl_device_id id : devices_of(platform)) {
      const std::string name = text_of(id, CL_DEVICE_NAME), index = std::to_string(number++);
      all += (all.empty() ? "" : "; ") + index + ": " + name + " (" + platform_name + ")";
      if (platform_name.find(settings.platform) == std::string::npos) continue;
      if (!settings.device.empty() && settings.device != index &&
          name.find(settings.device) == std::string::npos)
        continue;
      devices.push_back(std::make_unique<Device>(id, Traits::of(id), settings, log));
    }
  }
  if (devices.empty())
    throw sdk::StatusError(SIROCCO_INVALID_ARGUMENT,
                           all.empty()
                               ? "the OpenCL platforms have no device"
                               : "no OpenCL device is named as the options ask; there are " + all);
  return devices;
}

}  // namespace sirocco::opencl
