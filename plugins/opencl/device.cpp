#include "device.hpp"

#include "error.hpp"

namespace sirocco::opencl {

Device::Device(cl_device_id device, Traits traits, const Settings& settings, DiskCache::Log log)
    : device_(device),
      traits_(std::move(traits)),
      settings_(settings),
      cache_(settings.cache, std::move(log)) {
  cl_int error = CL_SUCCESS;
  context_ = clCreateContext(nullptr, 1, &device_, nullptr, nullptr, &error);
  check(error, traits_.name + ": clCreateContext");
  queue_ = clCreateCommandQueue(context_, device_, 0, &error);
  if (error != CL_SUCCESS) clReleaseContext(context_);
  check(error, traits_.name + ": clCreateCommandQueue");
  programs_ = std::make_unique<Programs>(context_, device_, traits_.identity(), cache_);
}

Device::~Device() {
  clFinish(queue_);
  programs_.reset();
  clReleaseCommandQueue(queue_);
  clReleaseContext(context_);
}

cl_command_queue Device::timing_queue() const {
  cl_int error = CL_SUCCESS;
  cl_command_queue queue =
      clCreateCommandQueue(context_, device_, CL_QUEUE_PROFILING_ENABLE, &error);
  check(error, traits_.name + ": clCreateCommandQueue");
  return queue;
}

sirocco_device_info Device::info() const {
  sirocco_device_info info{};
  info.struct_size = sizeof info;
  info.kind = traits_.type & CL_DEVICE_TYPE_GPU ? SIROCCO_DEVICE_GPU
              : traits_.is_cpu()                ? SIROCCO_DEVICE_CPU
                                                : SIROCCO_DEVICE_OTHER;
  info.name = sdk::string(traits_.name);
  info.features = sdk::string(traits_.features);
  info.memory_bytes = traits_.memory_bytes;
  info.alignment = traits_.alignment;
  return info;
}

void* Device::allocate(uint64_t bytes, uint32_t) {
  cl_int error = CL_SUCCESS;
  cl_mem buffer = clCreateBuffer(context_, CL_MEM_READ_WRITE, bytes, nullptr, &error);
  const std::string what = traits_.name + ": a buffer of " + std::to_string(bytes) + " bytes";
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
        traits_.name + ": a write");
}

void Device::read(sdk::DeviceAddress source, void* target, uint64_t bytes) {
  check(clEnqueueReadBuffer(queue_, buffer_of(source), CL_TRUE, source.offset, bytes, target, 0,
                            nullptr, nullptr),
        traits_.name + ": a read");
}

void Device::copy(sdk::DeviceAddress source, sdk::DeviceAddress target, uint64_t bytes) {
  check(clEnqueueCopyBuffer(queue_, buffer_of(source), buffer_of(target), source.offset,
                            target.offset, bytes, 0, nullptr, nullptr),
        traits_.name + ": a copy");
}

}  // namespace sirocco::opencl
