#include "device.hpp"

#include <charconv>

#include <sirocco/sdk/backend_options.hpp>

#include "error.hpp"
#include "ops/probe.hpp"

namespace sirocco::cuda {
namespace {

/// What the runtime aligns allocations to, at least.
constexpr uint32_t kAlignment = 256;
constexpr size_t kBulkBlock = size_t{8} << 20;
constexpr size_t kSmallBlock = size_t{64} << 10;
constexpr size_t kBulkBlocks = 2;
constexpr size_t kSmallBlocks = 16;

/// cuBLASLt was asked for and cannot be used.
[[noreturn]] void refuse_gemm(const sdk::StatusError& error) {
  throw sdk::StatusError(error.status(), std::string("option gemm: cublaslt: ") + error.what() +
                                             "; with gemm: auto own kernels take its place");
}

}  // namespace

Device::Device(int ordinal, const DeviceOptions& options)
    : ordinal_(ordinal), graphs_(options.graphs) {
  use();
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, ordinal), "asking for the device's properties");
  const std::string capability =
      std::to_string(properties.major) + "." + std::to_string(properties.minor);
  name_ = properties.name;
  multiprocessors_ = std::max(properties.multiProcessorCount, 1);
  memory_bytes_ = properties.totalGlobalMem;
  if (const cudaError_t error = find_kernels(); error != cudaSuccess) {
    cudaGetLastError();
    throw sdk::StatusError(SIROCCO_FAILED, name_ + " has compute capability " + capability +
                                               ", which this plugin was not built for (" +
                                               describe(error) +
                                               "); see SIROCCO_CUDA_ARCHITECTURES");
  }
  features_ = "compute " + capability + ", " + std::to_string(multiprocessors_) +
              " multiprocessors; " + open_gemm(options) + "; not yet run on a GPU";
  check(cudaStreamCreateWithFlags(&launcher_.stream, cudaStreamNonBlocking), "creating a stream");
  bulk_ = std::make_unique<Staging>(kBulkBlocks, kBulkBlock);
  small_ = std::make_unique<Staging>(kSmallBlocks, kSmallBlock);
}

std::string Device::open_gemm(const DeviceOptions& options) {
  std::string problem = options.no_library;
  if (options.library) {
    try {
      gemm_ = std::make_unique<Gemm>(options.library, options.gemm);
      return "products of many rows by cuBLASLt " + gemm_->version();
    } catch (const sdk::StatusError& error) {
      if (options.gemm == GemmChoice::cublaslt) refuse_gemm(error);
      problem = error.what();
    }
  }
  return "all products by own kernels" + (problem.empty() ? "" : " (" + problem + ")");
}

Device::~Device() {
  cudaSetDevice(ordinal_);
  gemm_.reset();
  bulk_.reset();
  small_.reset();
  cudaStreamDestroy(launcher_.stream);
}

sirocco_device_info Device::info() const {
  sirocco_device_info info{};
  info.struct_size = sizeof info;
  info.kind = SIROCCO_DEVICE_GPU;
#ifdef SIROCCO_CUDA_EMULATED
  info.flags = SIROCCO_DEVICE_EMULATED;
#endif
  info.name = sdk::string(name_);
  info.features = sdk::string(features_);
  info.memory_bytes = memory_bytes_;
  info.alignment = kAlignment;
  return info;
}

void Device::use() const {
  check(cudaSetDevice(ordinal_), "choosing the device");
}

void* Device::allocate(uint64_t bytes, uint32_t) {
  use();
  void* memory = nullptr;
  const cudaError_t error = cudaMalloc(&memory, bytes);
  if (error == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    size_t free = 0, total = 0;
    cudaMemGetInfo(&free, &total);
    throw sdk::StatusError(SIROCCO_OUT_OF_MEMORY,
                           name_ + ": " + std::to_string(bytes) + " bytes were asked for, " +
                               std::to_string(free) + " of " + std::to_string(total) +
                               " are free (" + describe(error) + ")");
  }
  check(error, "allocating memory");
  return memory;
}

void Device::release(void* allocation) noexcept {
  cudaSetDevice(ordinal_);
  cudaFree(allocation);
}

void Device::write(sdk::DeviceAddress target, const void* source, uint64_t bytes) {
  use();
  Staging& staging = bytes <= kSmallBlock * kSmallBlocks / 4 ? *small_ : *bulk_;
  staging.write(stream(), pointer(target), source, bytes);
}

void Device::read(sdk::DeviceAddress source, void* target, uint64_t bytes) {
  use();
  check(cudaMemcpyAsync(target, pointer(source), bytes, cudaMemcpyDeviceToHost, stream()),
        "the copy from the device");
  check(cudaStreamSynchronize(stream()), "work on the device");
}

void Device::copy(sdk::DeviceAddress source, sdk::DeviceAddress target, uint64_t bytes) {
  use();
  check(
      cudaMemcpyAsync(pointer(target), pointer(source), bytes, cudaMemcpyDeviceToDevice, stream()),
      "a copy on the device");
}

namespace {

GemmChoice parse_gemm(const std::string& value) {
  if (value == "auto") return GemmChoice::automatic;
  if (value == "own") return GemmChoice::own;
  if (value == "cublaslt") return GemmChoice::cublaslt;
  sdk::detail::bad_option("gemm", value, "auto, own or cublaslt");
}

void find_library(DeviceOptions& options) {
  if (options.gemm == GemmChoice::own) return;
  try {
    options.library = CublasLt::load();
  } catch (const sdk::StatusError& error) {
    if (options.gemm == GemmChoice::cublaslt) refuse_gemm(error);
    options.no_library = error.what();
  }
}

}  // namespace

std::vector<std::unique_ptr<sdk::Accelerator>> open_devices(const sirocco_host* host) {
  const std::string devices = sdk::option(host, "devices");
  DeviceOptions options;
  options.graphs = sdk::detail::parse_bool("graphs", sdk::option(host, "graphs", "true"));
  options.gemm = parse_gemm(sdk::option(host, "gemm", "auto"));
  int count = 0;
  if (const cudaError_t error = cudaGetDeviceCount(&count); error != cudaSuccess)
    throw sdk::StatusError(SIROCCO_FAILED, "no CUDA device can be used: " + describe(error));
  find_library(options);
  std::vector<std::unique_ptr<sdk::Accelerator>> opened;
  if (devices.empty()) {
    for (int ordinal = 0; ordinal < count; ++ordinal)
      opened.push_back(std::make_unique<Device>(ordinal, options));
    return opened;
  }
  for (const std::string& item : sdk::detail::split_list(devices)) {
    int ordinal = -1;
    const auto [end, problem] = std::from_chars(item.data(), item.data() + item.size(), ordinal);
    if (problem != std::errc() || end != item.data() + item.size())
      sdk::detail::bad_option("devices", devices, "a list of devices, such as \"0,2\"");
    if (ordinal < 0 || ordinal >= count)
      throw sdk::StatusError(
          SIROCCO_INVALID_ARGUMENT,
          "option devices: there is no CUDA device " + item + ", only " + std::to_string(count));
    opened.push_back(std::make_unique<Device>(ordinal, options));
  }
  return opened;
}

}  // namespace sirocco::cuda
