#pragma once
// A whole backend from a list of kernels, for a device that computes in host memory.
//
//   constexpr sirocco::sdk::Kernel kKernels[] = {{.op = "add", .accepts = …, .run = …}};
//   constexpr sirocco::sdk::BackendDescription kBackend{.device = "my device", .kernels =
//   kKernels}; const sirocco_backend_interface& table =
//   sirocco::sdk::KernelBackend<kBackend>::table;

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <sirocco/abi/backend.h>
#include <sirocco/sdk/backend_functions.hpp>
#include <sirocco/sdk/backend_options.hpp>
#include <sirocco/sdk/claiming.hpp>
#include <sirocco/sdk/device_memory.hpp>
#include <sirocco/sdk/kernel.hpp>
#include <sirocco/sdk/kernel_executable.hpp>
#include <sirocco/sdk/state_store.hpp>

namespace sirocco::sdk {

struct BackendDescription {
  const char* device = "";    ///< its name, for people
  const char* features = "";  ///< for people
  std::span<const Kernel> kernels = {};
  /// Kernels read weights from any address (as load_doubles does), so that nothing need be copied.
  bool unaligned_weights = false;
  /// An executable of the plugin's own, where nodes are better run together than one by one
  /// (`run` of the kernels is then not called); NULL: KernelExecutable. Throws StatusError.
  std::unique_ptr<Executable> (*compile)(const ExecutableContext& context,
                                         const sirocco_graph* graph,
                                         const sirocco_compile_options* options) = nullptr;
  /// Asked instead of `features` where they are known at run time only; lives for ever.
  const char* (*find_features)() = nullptr;
  /// Names of the options that are the backend's own; `compile` finds their values in
  /// `context.options.own_option()`.
  std::span<const char* const> options = {};
};

/// One instance: the methods behind the interface. Errors are thrown.
class BackendInstance {
 public:
  using Store = StateStore;
  using Exec = Executable;

  BackendInstance(const BackendDescription& description, const sirocco_host* host)
      : description_(description),
        options_(BackendOptions::read(host, description.options)),
        team_(host),
        memory_(host, options_.host_visible) {}

  static uint32_t device_count() { return 1; }
  sirocco_device_info device_info(uint32_t device) const {
    check_device(device);
    sirocco_device_info full{};
    full.kind = SIROCCO_DEVICE_CPU;
    if (options_.host_visible)
      full.flags = SIROCCO_DEVICE_HOST_VISIBLE | SIROCCO_DEVICE_IMPORTS_HOST;
    full.name = string(description_.device);
    full.features =
        string(description_.find_features ? description_.find_features() : description_.features);
    full.memory_bytes = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                        static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    full.alignment = DeviceMemory::kAlignment;
    return full;
  }

  sirocco_memory_use memory_use(uint32_t device) const {
    check_device(device);
    return memory_.use();
  }

  sirocco_buffer* buffer_create(uint32_t device, uint64_t bytes, uint32_t) {
    check_device(device);
    return reinterpret_cast<sirocco_buffer*>(memory_.create(bytes));
  }
  sirocco_buffer* buffer_import(uint32_t device, const void* memory, uint64_t bytes) {
    check_device(device);
    return reinterpret_cast<sirocco_buffer*>(memory_.import(memory, bytes));
  }
  void buffer_destroy(sirocco_buffer* buffer) { memory_.destroy(buffer); }
  void buffer_write(const sirocco_span& target, const void* source) const {
    const auto guard = access();
    std::byte* data = memory_.resolve(target, target.size, true);
    if (target.size) std::memcpy(data, source, target.size);
  }
  void buffer_read(const sirocco_span& source, void* target) const {
    const auto guard = access();
    const std::byte* data = memory_.resolve(source, source.size, false);
    if (source.size) std::memcpy(target, data, source.size);
  }
  void* buffer_map(const sirocco_buffer* buffer) const {
    if (!options_.host_visible)
      throw StatusError(SIROCCO_UNSUPPORTED, "this device's memory is not visible to the host");
    return memory_.find(buffer).data;
  }

  /// While it lives the device's memory may be used.
  DeviceMemory::Access access() const { return DeviceMemory::Access(memory_); }

  void claim(uint32_t device, const sirocco_graph* graph, const sirocco_claim_sink* sink) const {
    check_device(device);
    claim_nodes(description_.kernels, options_, graph, sink);
  }

  sirocco_pack_plan pack_query(uint32_t device, const sirocco_weight* weight) const {
    check_device(device);
    const auto described = read_struct<sirocco_weight>(weight);
    const sirocco_tensor& tensor = described.tensor;
    sirocco_pack_plan full{};
    full.as_mapped = options_.host_visible && !to_be_copied(described) ? 1 : 0;
    full.alignment = DeviceMemory::kAlignment;
    if (full.as_mapped) {
      const int64_t natural = dtype_bytes(tensor.dtype);
      full.alignment = description_.unaligned_weights ? 0 : static_cast<uint32_t>(natural);
    }
    full.bytes = static_cast<uint64_t>(tensor_bytes(tensor, {}));
    full.tile_rows = 1;
    kRowsLayout.copy(full.layout, sizeof full.layout - 1);
    return full;
  }

  void pack(uint32_t device, const sirocco_weight* weight, const void* source, int64_t row,
            int64_t n_rows, const sirocco_span& target) const {
    check_device(device);
    const auto tensor = read_struct<sirocco_weight>(weight).tensor;
    const int64_t bytes = tensor_bytes(tensor, {});
    const int64_t rows = tensor.rank ? extent(tensor.dims[0], {}) : 1;
    if (row < 0 || n_rows < 0 || row > rows || n_rows > rows - row)
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "rows are packed that the weight lacks");
    const int64_t row_bytes = rows ? bytes / rows : 0;
    const auto guard = access();
    std::byte* packed = memory_.resolve(target, static_cast<uint64_t>(bytes), true);
    constexpr int64_t kGrain = int64_t{1} << 18;
    team_.split(n_rows * row_bytes, kGrain, [&](int64_t begin, int64_t end, uint32_t) {
      std::memcpy(packed + row * row_bytes + begin, static_cast<const std::byte*>(source) + begin,
                  static_cast<size_t>(end - begin));
    });
  }

  uint64_t state_bytes(uint32_t device, const sirocco_state_group* group) const {
    check_device(device);
    return StateLayout(group).bytes;
  }
  StateStore* state_create(uint32_t device, const sirocco_state_group* group) {
    check_device(device);
    return new StateStore(memory_, group);
  }

  Executable* compile(uint32_t device, const sirocco_graph* graph,
                      const sirocco_compile_options* options) const {
    check_device(device);
    const ExecutableContext context{options_, team_, description_.kernels};
    if (description_.compile) return description_.compile(context, graph, options).release();
    return new KernelExecutable(context, graph, options);
  }

  void execute(Executable& executable, const sirocco_bindings* bindings,
               const sirocco_step* step) const {
    const auto guard = access();
    executable.execute(memory_, bindings, step);
  }

 private:
  void check_device(uint32_t device) const {
    if (device != 0)
      throw StatusError(SIROCCO_INVALID_ARGUMENT,
                        "there is no device " + std::to_string(device) + ", only device 0");
  }

  /// Whether a weight is to be copied: it fills a huge page, and is not only looked up row by row.
  bool to_be_copied(const sirocco_weight& weight) const {
    if (!options_.copy_weights ||
        static_cast<uint64_t>(tensor_bytes(weight.tensor, {})) < kHugePage)
      return false;
    for (size_t i = 0; i < weight.n_uses; ++i)
      if (read_element(weight.uses, weight.use_stride, i).kinds & ~(1u << SIROCCO_USE_GATHER))
        return true;
    return false;
  }

  const BackendDescription& description_;
  BackendOptions options_;
  Team team_;
  DeviceMemory memory_;
};

/// The interface of a backend; `kDescription` has static storage.
template <const BackendDescription& kDescription>
struct KernelBackend {
  static sirocco_status create(const sirocco_host* host, sirocco_backend** backend,
                               sirocco_error* error) {
    return guarded(error, [&] {
      *backend = reinterpret_cast<sirocco_backend*>(new BackendInstance(kDescription, host));
    });
  }

  static constexpr sirocco_backend_interface table =
      BackendFunctions<BackendInstance>::table(create);
};

}  // namespace sirocco::sdk
