#pragma once
// A whole backend for devices with memory of their own: the plugin brings the devices, the list of
// ops it takes, and executables.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <sirocco/sdk/accelerator_executable.hpp>
#include <sirocco/sdk/backend_functions.hpp>

namespace sirocco::sdk {

struct AcceleratorDescription {
  /// The ops it takes (`run` of the kernels is not called).
  std::span<const Kernel> kernels = {};
  /// Names of options beside those of BackendOptions, for `open` to read with sdk::option.
  std::span<const char* const> options = {};
  /// The devices, in an order that stays. Throws StatusError that says why there is none.
  std::vector<std::unique_ptr<Accelerator>> (*open)(const sirocco_host* host) = nullptr;
  /// Throws StatusError.
  std::unique_ptr<AcceleratorExecutable> (*compile)(
      const AcceleratorContext& context, const sirocco_graph* graph,
      const sirocco_compile_options* options) = nullptr;
};

/// One instance: the methods behind the interface. Errors are thrown.
class AcceleratorBackend {
 public:
  using Store = AcceleratorStates;
  using Exec = AcceleratorExecutable;

  AcceleratorBackend(const AcceleratorDescription& description, const sirocco_host* host)
      : description_(description), options_(BackendOptions::read(host, description.options, true)) {
    for (auto& device : description.open(host)) devices_.push_back(Device(std::move(device)));
    if (devices_.empty()) throw StatusError(SIROCCO_FAILED, "no device was found");
  }

  uint32_t device_count() const { return static_cast<uint32_t>(devices_.size()); }
  sirocco_device_info device_info(uint32_t device) const { return at(device).driver->info(); }

  sirocco_memory_use memory_use(uint32_t device) const { return at(device).memory->use(); }

  sirocco_buffer* buffer_create(uint32_t device, uint64_t bytes, uint32_t kind) {
    return reinterpret_cast<sirocco_buffer*>(at(device).memory->create(bytes, kind));
  }
  [[noreturn]] static sirocco_buffer* buffer_import(uint32_t, const void*, uint64_t) {
    throw StatusError(SIROCCO_UNSUPPORTED, "this device does not import host memory");
  }
  void buffer_destroy(const sirocco_buffer* buffer) {
    for (const Device& device : devices_) device.memory->destroy(buffer);
  }
  void buffer_write(const sirocco_span& target, const void* source) const {
    const Device& device = owner(target);
    const DeviceAddress address = device.memory->resolve(target, target.size);
    if (target.size) device.driver->write(address, source, target.size);
  }
  void buffer_read(const sirocco_span& source, void* target) const {
    const Device& device = owner(source);
    const DeviceAddress address = device.memory->resolve(source, source.size);
    if (source.size) device.driver->read(address, target, source.size);
  }
  [[noreturn]] static void* buffer_map(const sirocco_buffer*) {
    throw StatusError(SIROCCO_UNSUPPORTED, "this device's memory is not visible to the host");
  }

  static int access() { return 0; }

  void claim(uint32_t device, const sirocco_graph* graph, const sirocco_claim_sink* sink) const {
    at(device);
    claim_nodes(description_.kernels, options_, graph, sink);
  }

  /// The bytes on file serve as they are; the host copies them.
  sirocco_pack_plan pack_query(uint32_t device, const sirocco_weight* weight) const {
    at(device);
    sirocco_pack_plan plan{};
    plan.as_mapped = 1;
    plan.bytes =
        static_cast<uint64_t>(tensor_bytes(read_struct<sirocco_weight>(weight).tensor, {}));
    return plan;
  }
  [[noreturn]] static void pack(uint32_t, const sirocco_weight*, const void*, int64_t, int64_t,
                                const sirocco_span&) {
    throw StatusError(SIROCCO_UNSUPPORTED, "this device packs no weights");
  }

  uint64_t state_bytes(uint32_t device, const sirocco_state_group* group) const {
    at(device);
    return StateLayout(group).bytes;
  }
  AcceleratorStates* state_create(uint32_t device, const sirocco_state_group* group) const {
    return new AcceleratorStates(*at(device).memory, group);
  }

  AcceleratorExecutable* compile(uint32_t device, const sirocco_graph* graph,
                                 const sirocco_compile_options* options) const {
    const Device& target = at(device);
    return description_
        .compile({options_, *target.driver, *target.memory, description_.kernels}, graph, options)
        .release();
  }

  static void execute(AcceleratorExecutable& executable, const sirocco_bindings* bindings,
                      const sirocco_step* step) {
    executable.execute(bindings, step);
  }

 private:
  struct Device {
    explicit Device(std::unique_ptr<Accelerator> accelerator)
        : driver(std::move(accelerator)), memory(std::make_unique<AcceleratorMemory>(*driver)) {}
    std::unique_ptr<Accelerator> driver;
    std::unique_ptr<AcceleratorMemory> memory;  ///< destroyed before the driver
  };

  const Device& at(uint32_t device) const {
    if (device >= devices_.size())
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "there is no device " + std::to_string(device) +
                                                      ", only " + std::to_string(devices_.size()));
    return devices_[device];
  }
  const Device& owner(const sirocco_span& span) const {
    for (const Device& device : devices_)
      if (device.memory->holds(span.buffer)) return device;
    throw StatusError(SIROCCO_INVALID_ARGUMENT, "a span has no buffer of this backend");
  }

  const AcceleratorDescription& description_;
  BackendOptions options_;
  std::vector<Device> devices_;
};

/// The interface of a backend; `kDescription` has static storage.
template <const AcceleratorDescription& kDescription>
struct AcceleratorInterface {
  static sirocco_status create(const sirocco_host* host, sirocco_backend** backend,
                               sirocco_error* error) {
    return guarded(error, [&] {
      *backend = reinterpret_cast<sirocco_backend*>(new AcceleratorBackend(kDescription, host));
    });
  }

  static constexpr sirocco_backend_interface table =
      BackendFunctions<AcceleratorBackend>::table(create);
};

}  // namespace sirocco::sdk
