#pragma once
// One CUDA device: its memory, and the one stream on which all of its work is done in order.

#include <memory>
#include <string>
#include <vector>

#include <sirocco/sdk/accelerator.hpp>

#include "gemm/gemm.hpp"
#include "ops/launcher.hpp"
#include "staging.hpp"

namespace sirocco::cuda {

/// What the plugin's options say of every device.
struct DeviceOptions {
  bool graphs = true;  ///< steps of few tokens are captured and replayed
  GemmChoice gemm = GemmChoice::automatic;
  /// NULL: the plugin's own kernels make all products, because of `no_library` if it says
  /// something.
  std::shared_ptr<const CublasLt> library;
  std::string no_library;
};

class Device : public sdk::Accelerator {
 public:
  /// `ordinal`: the runtime's number of the device. Throws StatusError.
  Device(int ordinal, const DeviceOptions& options);
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  ~Device() override;

  sirocco_device_info info() const override;
  void* allocate(uint64_t bytes, uint32_t kind) override;
  void release(void* allocation) noexcept override;
  void write(sdk::DeviceAddress target, const void* source, uint64_t bytes) override;
  void read(sdk::DeviceAddress source, void* target, uint64_t bytes) override;
  void copy(sdk::DeviceAddress source, sdk::DeviceAddress target, uint64_t bytes) override;

  /// Makes this the calling thread's device: to be called before the runtime is used for it.
  void use() const;
  cudaStream_t stream() const { return launcher_.stream; }
  Launcher& launcher() { return launcher_; }
  int multiprocessors() const { return multiprocessors_; }
  bool graphs() const { return graphs_; }
  /// cuBLASLt; NULL where the plugin's own kernels make all products.
  Gemm* gemm() const { return gemm_.get(); }

 private:
  /// What `info` says of the products.
  std::string open_gemm(const DeviceOptions& options);

  int ordinal_;
  bool graphs_;
  int multiprocessors_ = 1;
  uint64_t memory_bytes_ = 0;
  std::string name_, features_;
  Launcher launcher_;
  /// Weights, and the step buffer: a ring of small blocks that a step never waits for, because the
  /// host reads each step's results before it begins the next but one.
  std::unique_ptr<Staging> bulk_, small_;
  std::unique_ptr<Gemm> gemm_;
};

/// Options of the plugin's own:
/// devices  "0,2"                   the devices to use, in that order (default: all)
/// graphs   true | false            true: steps of few tokens are captured once and replayed
/// gemm     auto | own | cublaslt   who makes the products of many rows (`GemmChoice`)
inline constexpr const char* kOptions[] = {"devices", "graphs", "gemm"};

/// The devices that the options ask for. Throws StatusError that says why there is none.
std::vector<std::unique_ptr<sdk::Accelerator>> open_devices(const sirocco_host* host);

/// Where an address lies in the device's memory.
inline std::byte* pointer(const sdk::DeviceAddress& address) {
  return static_cast<std::byte*>(address.allocation) + address.offset;
}

}  // namespace sirocco::cuda
