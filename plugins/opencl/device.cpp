#include "device.hpp"

#include <algorithm>

#include "error.hpp"
#include "sources.hpp"

namespace sirocco::opencl {
namespace {

std::string text_of(cl_device_id device, cl_device_info what) {
  size_t bytes = 0;
  check(clGetDeviceInfo(device, what, 0, nullptr, &bytes), "clGetDeviceInfo");
  std::string text(bytes, '\0');
  check(clGetDeviceInfo(device, what, bytes, text.data(), nullptr), "clGetDeviceInfo");
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.pop_back();
  return text;
}

template <class T>
T number_of(cl_device_id device, cl_device_info what) {
  T value{};
  check(clGetDeviceInfo(device, what, sizeof value, &value, nullptr), "clGetDeviceInfo");
  return value;
}

const char* source_of(const std::string& file) {
  for (const Source* source = kSources; source->name; ++source)
    if (file == source->name) return source->text;
  throw sdk::StatusError(SIROCCO_FAILED, "no kernels are named " + file);
}

/// "f16, subgroups, …": what the device has of what kernels may use.
std::string features_of(cl_device_id device) {
  std::string features =
      text_of(device, CL_DEVICE_VERSION) + ", driver " + text_of(device, CL_DRIVER_VERSION);
  const std::string extensions = text_of(device, CL_DEVICE_EXTENSIONS);
  for (const auto& [extension, name] :
       {std::pair{"cl_khr_fp16", "fp16"}, std::pair{"cl_khr_subgroups", "subgroups"},
        std::pair{"cl_khr_integer_dot_product", "integer dot products"}})
    if (extensions.find(extension) != std::string::npos) features += std::string(", ") + name;
  return features;
}

}  // namespace

Device::Device(cl_device_id device)
    : device_(device),
      type_(number_of<cl_device_type>(device, CL_DEVICE_TYPE)),
      memory_bytes_(number_of<cl_ulong>(device, CL_DEVICE_GLOBAL_MEM_SIZE)),
      alignment_(std::max(64u, number_of<cl_uint>(device, CL_DEVICE_MEM_BASE_ADDR_ALIGN) / 8)),
      name_(text_of(device, CL_DEVICE_VENDOR) + " " + text_of(device, CL_DEVICE_NAME)),
      features_(features_of(device)) {
  if (!number_of<cl_bool>(device, CL_DEVICE_ENDIAN_LITTLE))
    throw sdk::StatusError(SIROCCO_UNSUPPORTED, name_ + " is big-endian, weights are not");
  cl_int error = CL_SUCCESS;
  context_ = clCreateContext(nullptr, 1, &device_, nullptr, nullptr, &error);
  check(error, name_ + ": clCreateContext");
  queue_ = clCreateCommandQueue(context_, device_, 0, &error);
  if (error != CL_SUCCESS) clReleaseContext(context_);
  check(error, name_ + ": clCreateCommandQueue");
}

Device::~Device() {
  clFinish(queue_);
  for (const auto& [key, program] : programs_) clReleaseProgram(program);
  clReleaseCommandQueue(queue_);
  clReleaseContext(context_);
}

sirocco_device_info Device::info() const {
  sirocco_device_info info{};
  info.struct_size = sizeof info;
  info.kind = type_ & CL_DEVICE_TYPE_GPU   ? SIROCCO_DEVICE_GPU
              : type_ & CL_DEVICE_TYPE_CPU ? SIROCCO_DEVICE_CPU
                                           : SIROCCO_DEVICE_OTHER;
  info.name = sdk::string(name_);
  info.features = sdk::string(features_);
  info.memory_bytes = memory_bytes_;
  info.alignment = alignment_;
  return info;
}

void* Device::allocate(uint64_t bytes, uint32_t) {
  cl_int error = CL_SUCCESS;
  cl_mem buffer = clCreateBuffer(context_, CL_MEM_READ_WRITE, bytes, nullptr, &error);
  const std::string what = name_ + ": a buffer of " + std::to_string(bytes) + " bytes";
  check(error, what);
  // Memory is the device's own only when it is first used: better now than in a step.
  const char zero = 0;
  error = clEnqueueWriteBuffer(queue_, buffer, CL_TRUE, 0, 1, &zero, 0, nullptr, nullptr);
  if (error != CL_SUCCESS) clReleaseMemObject(buffer);
  check(error, what);
  return buffer;
}

void Device::release(void* allocation) noexcept {
  clFinish(queue_);
  clReleaseMemObject(static_cast<cl_mem>(allocation));
}

void Device::write(sdk::DeviceAddress target, const void* source, uint64_t bytes) {
  check(clEnqueueWriteBuffer(queue_, buffer_of(target), CL_TRUE, target.offset, bytes, source, 0,
                             nullptr, nullptr),
        name_ + ": a write");
}

void Device::read(sdk::DeviceAddress source, void* target, uint64_t bytes) {
  check(clEnqueueReadBuffer(queue_, buffer_of(source), CL_TRUE, source.offset, bytes, target, 0,
                            nullptr, nullptr),
        name_ + ": a read");
}

void Device::copy(sdk::DeviceAddress source, sdk::DeviceAddress target, uint64_t bytes) {
  check(clEnqueueCopyBuffer(queue_, buffer_of(source), buffer_of(target), source.offset,
                            target.offset, bytes, 0, nullptr, nullptr),
        name_ + ": a copy");
}

cl_program Device::build(const std::string& file, const std::string& options) {
  const std::string text = std::string(source_of("prelude")) + source_of(file);
  const char* source = text.c_str();
  cl_int error = CL_SUCCESS;
  cl_program program = clCreateProgramWithSource(context_, 1, &source, nullptr, &error);
  check(error, name_ + ": " + file + ".cl");
  error =
      clBuildProgram(program, 1, &device_, (options + " -cl-std=CL1.2").c_str(), nullptr, nullptr);
  if (error == CL_SUCCESS) return program;
  size_t bytes = 0;
  clGetProgramBuildInfo(program, device_, CL_PROGRAM_BUILD_LOG, 0, nullptr, &bytes);
  std::string log(bytes, '\0');
  clGetProgramBuildInfo(program, device_, CL_PROGRAM_BUILD_LOG, bytes, log.data(), nullptr);
  clReleaseProgram(program);
  throw sdk::StatusError(SIROCCO_FAILED, name_ + ": " + file + ".cl with " + options + ": " +
                                             name_of(error) + ": " + log);
}

cl_kernel Device::kernel(const std::string& file, const char* name, const std::string& options) {
  const std::string key = file + " " + options;
  auto found = programs_.find(key);
  if (found == programs_.end()) found = programs_.emplace(key, build(file, options)).first;
  cl_int error = CL_SUCCESS;
  cl_kernel kernel = clCreateKernel(found->second, name, &error);
  check(error, name_ + ": kernel " + name);
  return kernel;
}

std::vector<std::unique_ptr<sdk::Accelerator>> open_devices(const sirocco_host* host) {
  const std::string wanted_platform = sdk::option(host, "platform");
  const std::string wanted_device = sdk::option(host, "device");
  cl_uint n_platforms = 0;
  const cl_int error = clGetPlatformIDs(0, nullptr, &n_platforms);
  if (error != CL_SUCCESS || n_platforms == 0)
    throw sdk::StatusError(SIROCCO_FAILED,
                           std::string("no OpenCL platform is installed (") + name_of(error) +
                               "); PoCL, in Debian's package pocl-opencl-icd, is one for CPUs");
  std::vector<cl_platform_id> platforms(n_platforms);
  check(clGetPlatformIDs(n_platforms, platforms.data(), nullptr), "clGetPlatformIDs");
  std::vector<std::unique_ptr<sdk::Accelerator>> devices;
  std::string all;
  size_t number = 0;
  for (cl_platform_id platform : platforms) {
    char platform_name[256] = {};
    clGetPlatformInfo(platform, CL_PLATFORM_NAME, sizeof platform_name - 1, platform_name, nullptr);
    cl_uint n_devices = 0;
    if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &n_devices) != CL_SUCCESS)
      continue;
    std::vector<cl_device_id> ids(n_devices);
    check(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, n_devices, ids.data(), nullptr),
          "clGetDeviceIDs");
    for (cl_device_id id : ids) {
      const std::string name = text_of(id, CL_DEVICE_NAME), index = std::to_string(number++);
      all += (all.empty() ? "" : "; ") + index + ": " + name + " (" + platform_name + ")";
      if (std::string_view(platform_name).find(wanted_platform) == std::string_view::npos) continue;
      if (!wanted_device.empty() && wanted_device != index &&
          name.find(wanted_device) == std::string::npos)
        continue;
      devices.push_back(std::make_unique<Device>(id));
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
