// Devices, memory and errors of the runtime's host functions.

#include <cuda_runtime.h>

#include <cxxabi.h>
#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>

#include <cuda_emulation/control.hpp>

#include "libraries.hpp"
#include "memory.hpp"
#include "state.hpp"
#include "streams.hpp"

namespace cuda_emulation {
namespace {

uint64_t number_from(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

struct State {
  std::recursive_mutex lock;
  std::mt19937_64 order{number_from("CUDA_EMULATION_SEED", 1)};
  std::vector<Violation> violations;
  cudaError_t lost = cudaSuccess;
  cudaError_t last = cudaSuccess;
  uint64_t failing_allocation = 0;
  std::map<const void*, size_t> pinned;
};

thread_local int the_current_device = 0;

State& state() {
  static State the_state;
  return the_state;
}

int device_count() {
  return static_cast<int>(number_from("CUDA_EMULATION_DEVICES", 1));
}
size_t device_bytes() {
  return number_from("CUDA_EMULATION_MEMORY", size_t{8} << 30);
}

/// At process start, and so before any launch: where the device is to be lost.
const bool lose_by_environment = [] {
  if (std::getenv("CUDA_EMULATION_LOST")) lose_device_after(number_from("CUDA_EMULATION_LOST", 0));
  return true;
}();

bool is_pinned(const void* pointer) {
  const auto found = state().pinned.upper_bound(pointer);
  if (found == state().pinned.begin()) return false;
  const auto& [first, bytes] = *std::prev(found);
  return pointer < static_cast<const char*>(first) + bytes;
}

/// Device memory must be allocated, and written before it is copied from.
bool valid(const void* pointer, size_t bytes) {
  return bytes == 0 || !is_device(pointer) || inside_allocation(pointer, bytes);
}

void copy(void* target, const void* source, size_t bytes) {
  if (lost() != cudaSuccess) return;
  running.kernel = nullptr;
  if (!valid(target, bytes) || !valid(source, bytes))
    return report("out of bounds", "a copy of " + std::to_string(bytes) +
                                       " bytes reaches beyond its allocation, or it was freed");
  std::memmove(target, source, bytes);
  if (is_device(target)) mark_written(target, bytes);
}

}  // namespace

std::string name_of(const void* kernel) {
  if (!kernel) return "a copy";
  Dl_info info{};
  if (!dladdr(kernel, &info) || !info.dli_sname || info.dli_saddr != kernel) return "a kernel";
  int status = 0;
  char* plain = abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status);
  std::string name = status == 0 ? plain : info.dli_sname;
  std::free(plain);
  return name.substr(0, name.find('('));
}

std::recursive_mutex& the_lock() {
  return state().lock;
}
std::mt19937_64& the_order() {
  return state().order;
}

void report(const std::string& kind, const std::string& text, cudaError_t error) {
  State& s = state();
  if (s.lost != cudaSuccess) return;
  s.lost = error;
  const std::string name = name_of(running.kernel);
  s.violations.push_back({kind, name, name + ": " + kind + ": " + text});
  std::fprintf(stderr, "cuda emulation: %s\n", s.violations.back().text.c_str());
}

int current_device() {
  return the_current_device;
}

cudaError_t lost() {
  return state().lost;
}
cudaError_t keep(cudaError_t error) {
  if (error != cudaSuccess) state().last = error;
  return error;
}

const std::vector<Violation>& violations() {
  return state().violations;
}
size_t live_allocations() {
  return live_device_allocations() + state().pinned.size() + live_library_objects();
}
void fail_allocation(uint64_t n) {
  state().failing_allocation = n;
}
void reset(uint64_t seed) {
  State& s = state();
  s.order.seed(seed);
  s.violations.clear();
  s.lost = s.last = cudaSuccess;
  s.failing_allocation = 0;
  lose_device_after(UINT64_MAX - launches());
  count_traffic(false);
}

}  // namespace cuda_emulation

using namespace cuda_emulation;

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "cudaSuccess";
    case cudaErrorInvalidValue:
      return "cudaErrorInvalidValue";
    case cudaErrorMemoryAllocation:
      return "cudaErrorMemoryAllocation";
    case cudaErrorInvalidConfiguration:
      return "cudaErrorInvalidConfiguration";
    case cudaErrorInsufficientDriver:
      return "cudaErrorInsufficientDriver";
    case cudaErrorNoDevice:
      return "cudaErrorNoDevice";
    case cudaErrorInvalidDevice:
      return "cudaErrorInvalidDevice";
    case cudaErrorECCUncorrectable:
      return "cudaErrorECCUncorrectable";
    case cudaErrorInvalidResourceHandle:
      return "cudaErrorInvalidResourceHandle";
    case cudaErrorIllegalAddress:
      return "cudaErrorIllegalAddress";
    case cudaErrorLaunchFailure:
      return "cudaErrorLaunchFailure";
    case cudaErrorStreamCaptureUnsupported:
      return "cudaErrorStreamCaptureUnsupported";
    default:
      return "cudaErrorUnknown";
  }
}

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInsufficientDriver:
      return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice:
      return "no CUDA-capable device is detected";
    default:
      return cudaGetErrorName(error);
  }
}

cudaError_t cudaGetLastError() {
  const std::lock_guard lock(the_lock());
  const cudaError_t last = state().last;
  state().last = cudaSuccess;
  return last;
}
cudaError_t cudaPeekAtLastError() {
  const std::lock_guard lock(the_lock());
  return state().last;
}

cudaError_t cudaGetDeviceCount(int* count) {
  const std::lock_guard lock(the_lock());
  *count = 0;
  const char* driver = std::getenv("CUDA_EMULATION_DRIVER");
  if (driver && std::string(driver) == "none") return keep(cudaErrorInsufficientDriver);
  if (device_count() == 0) return keep(cudaErrorNoDevice);
  *count = device_count();
  return cudaSuccess;
}
cudaError_t cudaGetDevice(int* device) {
  *device = current_device();
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  if (device < 0 || device >= device_count()) return keep(cudaErrorInvalidDevice);
  the_current_device = device;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (device < 0 || device >= device_count()) return keep(cudaErrorInvalidDevice);
  *properties = {"CUDA emulator (functional check, no GPU)", device_bytes(), 9, 0, 8, 32};
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** pointer, size_t bytes) {
  const std::lock_guard lock(the_lock());
  State& s = state();
  if (lost() != cudaSuccess) return keep(lost());
  const bool fails = s.failing_allocation && --s.failing_allocation == 0;
  *pointer = nullptr;
  if (fails || bytes > device_bytes() || bytes_in_use(current_device()) > device_bytes() - bytes)
    return keep(cudaErrorMemoryAllocation);
  *pointer = allocate(bytes, current_device());
  return *pointer ? cudaSuccess : keep(cudaErrorMemoryAllocation);
}

cudaError_t cudaFree(void* pointer) {
  const std::lock_guard lock(the_lock());
  if (!pointer) return cudaSuccess;
  drain_all();
  return release(pointer) ? cudaSuccess : keep(cudaErrorInvalidValue);
}

cudaError_t cudaMallocHost(void** pointer, size_t bytes) {
  const std::lock_guard lock(the_lock());
  if (lost() != cudaSuccess) return keep(lost());
  *pointer = std::malloc(bytes ? bytes : 1);
  if (!*pointer) return keep(cudaErrorMemoryAllocation);
  state().pinned[*pointer] = bytes;
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* pointer) {
  const std::lock_guard lock(the_lock());
  if (!pointer) return cudaSuccess;
  drain_all();
  if (!state().pinned.erase(pointer)) return keep(cudaErrorInvalidValue);
  std::free(pointer);
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  const std::lock_guard lock(the_lock());
  *total = device_bytes();
  *free = *total - std::min(*total, bytes_in_use(current_device()));
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* target, const void* source, size_t bytes, cudaMemcpyKind,
                            cudaStream_t stream) {
  const std::lock_guard lock(the_lock());
  if (!valid(target, bytes) || !valid(source, bytes)) return keep(cudaErrorInvalidValue);
  if (!is_device(source) && !is_pinned(source)) {
    // Pageable memory is staged before the call returns.
    std::vector<char> staged(static_cast<const char*>(source),
                             static_cast<const char*>(source) + bytes);
    return keep(add(stream, [target, staged] { copy(target, staged.data(), staged.size()); }));
  }
  const cudaError_t added = add(stream, [=] { copy(target, source, bytes); });
  // A copy to pageable memory returns when it is done.
  if (!is_device(target) && !is_pinned(target) && !stream->capturing) drain(stream);
  return keep(added == cudaSuccess ? lost() : added);
}

cudaError_t cudaMemcpy(void* target, const void* source, size_t bytes, cudaMemcpyKind) {
  const std::lock_guard lock(the_lock());
  if (!valid(target, bytes) || !valid(source, bytes)) return keep(cudaErrorInvalidValue);
  drain_all();
  copy(target, source, bytes);
  return keep(lost());
}

cudaError_t cudaMemsetAsync(void* target, int value, size_t bytes, cudaStream_t stream) {
  const std::lock_guard lock(the_lock());
  if (!is_device(target) || !valid(target, bytes)) return keep(cudaErrorInvalidValue);
  return keep(add(stream, [=] {
    if (lost() != cudaSuccess) return;
    std::memset(target, value, bytes);
    mark_written(target, bytes);
  }));
}
