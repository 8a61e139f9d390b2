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
#include <unordered_map>

#include <sirocco/abi/backend.h>
#include <sirocco/sdk/backend_options.hpp>
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
};

/// One instance: the methods behind the interface. Errors are thrown.
class BackendInstance {
 public:
  BackendInstance(const BackendDescription& description, const sirocco_host* host)
      : description_(description),
        options_(BackendOptions::read(host, {})),
        team_(host),
        memory_(host, options_.host_visible) {}

  DeviceMemory& memory() { return memory_; }

  void device_info(uint32_t device, sirocco_device_info* info) const {
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
    write_struct(info, full);
  }

  void* map(const void* buffer) const {
    if (!options_.host_visible)
      throw StatusError(SIROCCO_UNSUPPORTED, "this device's memory is not visible to the host");
    return memory_.find(buffer).data;
  }

  void claim(uint32_t device, const sirocco_graph* graph, const sirocco_claim_sink* sink) const {
    check_device(device);
    const auto target = read_struct<sirocco_claim_sink>(sink);
    const GraphView view(graph);
    for (uint32_t i = 0; i < view.n_nodes(); ++i) {
      sirocco_claim claim{sizeof claim, &i, 1, SIROCCO_CLAIM_ACCEPTED, SIROCCO_REASON_NONE};
      std::string text;
      try {
        find_kernel(view.node(i));
      } catch (const Declined& declined) {
        claim.verdict = SIROCCO_CLAIM_DECLINED;
        claim.reason = declined.reason();
        text = declined.what();
      } catch (const StatusError& error) {
        claim.verdict = SIROCCO_CLAIM_ERROR;
        text = error.what();
      }
      claim.text = string(text);
      target.add(target.ctx, &claim);
    }
  }

  void pack_query(uint32_t device, const sirocco_weight* weight, sirocco_pack_plan* plan) const {
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
    write_struct(plan, full);
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
    const DeviceMemory::Access access(memory_);
    std::byte* packed = memory_.resolve(target, static_cast<uint64_t>(bytes), true);
    constexpr int64_t kGrain = int64_t{1} << 18;
    team_.split(n_rows * row_bytes, kGrain, [&](int64_t begin, int64_t end, uint32_t) {
      std::memcpy(packed + row * row_bytes + begin, static_cast<const std::byte*>(source) + begin,
                  static_cast<size_t>(end - begin));
    });
  }

  StateStore* state_create(uint32_t device, const sirocco_state_group* group) {
    check_device(device);
    return new StateStore(memory_, group);
  }

  Executable* compile(uint32_t device, const sirocco_graph* graph,
                      const sirocco_compile_options* options) const {
    check_device(device);
    const auto find = [this](const NodeView& node) -> const Kernel& { return find_kernel(node); };
    const ExecutableContext context{options_, team_, find};
    if (description_.compile) return description_.compile(context, graph, options).release();
    return new KernelExecutable(context, graph, options);
  }

  void execute(Executable& executable, const sirocco_bindings* bindings,
               const sirocco_step* step) const {
    const DeviceMemory::Access access(memory_);
    executable.execute(memory_, bindings, step);
  }

  void check_device(uint32_t device) const {
    if (device != 0)
      throw StatusError(SIROCCO_INVALID_ARGUMENT,
                        "there is no device " + std::to_string(device) + ", only device 0");
  }

 private:
  /// Throws Declined where the device has no kernel for the node.
  const Kernel& find_kernel(const NodeView& node) const {
    if (options_.declines(node.domain(), node.op()))
      throw Declined(SIROCCO_REASON_OPTION, "the option `decline` names this op");
    for (const Kernel& kernel : description_.kernels) {
      if (node.op() != kernel.op || node.domain() != kernel.domain ||
          node.version() != kernel.version)
        continue;
      kernel.accepts(node);
      return kernel;
    }
    throw Declined(SIROCCO_REASON_UNKNOWN_OP, "no kernel for this op and version");
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

namespace detail {

/// The interface's functions: each guards a method of BackendInstance.
struct BackendFunctions {
  static BackendInstance& of(sirocco_backend* backend) {
    return *reinterpret_cast<BackendInstance*>(backend);
  }
  static StateStore& of(sirocco_state_store* store) {
    return *reinterpret_cast<StateStore*>(store);
  }
  static Executable& of(sirocco_executable* executable) {
    return *reinterpret_cast<Executable*>(executable);
  }

  static void destroy(sirocco_backend* backend) { delete &of(backend); }
  static uint32_t device_count(sirocco_backend*) { return 1; }
  static sirocco_status device_info(sirocco_backend* backend, uint32_t device,
                                    sirocco_device_info* info, sirocco_error* error) {
    return guarded(error, [&] { of(backend).device_info(device, info); });
  }

  static sirocco_status buffer_create(sirocco_backend* backend, uint32_t device, uint64_t bytes,
                                      uint32_t, sirocco_buffer** buffer, sirocco_error* error) {
    return guarded(error, [&] {
      of(backend).check_device(device);
      *buffer = reinterpret_cast<sirocco_buffer*>(of(backend).memory().create(bytes));
    });
  }
  static sirocco_status buffer_import(sirocco_backend* backend, uint32_t device, const void* memory,
                                      uint64_t bytes, sirocco_buffer** buffer,
                                      sirocco_error* error) {
    return guarded(error, [&] {
      of(backend).check_device(device);
      *buffer = reinterpret_cast<sirocco_buffer*>(of(backend).memory().import(memory, bytes));
    });
  }
  static void buffer_destroy(sirocco_backend* backend, sirocco_buffer* buffer) {
    of(backend).memory().destroy(buffer);
  }
  static sirocco_status buffer_write(sirocco_backend* backend, sirocco_span target,
                                     const void* source, sirocco_error* error) {
    return guarded(error, [&] {
      DeviceMemory& memory = of(backend).memory();
      const DeviceMemory::Access access(memory);
      std::byte* data = memory.resolve(target, target.size, true);
      if (target.size) std::memcpy(data, source, target.size);
    });
  }
  static sirocco_status buffer_read(sirocco_backend* backend, sirocco_span source, void* target,
                                    sirocco_error* error) {
    return guarded(error, [&] {
      DeviceMemory& memory = of(backend).memory();
      const DeviceMemory::Access access(memory);
      const std::byte* data = memory.resolve(source, source.size, false);
      if (source.size) std::memcpy(target, data, source.size);
    });
  }
  static sirocco_status buffer_map(sirocco_backend* backend, sirocco_buffer* buffer, void** memory,
                                   sirocco_error* error) {
    return guarded(error, [&] { *memory = of(backend).map(buffer); });
  }

  static sirocco_status claim(sirocco_backend* backend, uint32_t device, const sirocco_graph* graph,
                              const sirocco_limits*, const sirocco_claim_sink* sink,
                              sirocco_error* error) {
    return guarded(error, [&] { of(backend).claim(device, graph, sink); });
  }
  static sirocco_status pack_query(sirocco_backend* backend, uint32_t device,
                                   const sirocco_weight* weight, sirocco_pack_plan* plan,
                                   sirocco_error* error) {
    return guarded(error, [&] { of(backend).pack_query(device, weight, plan); });
  }
  static sirocco_status pack(sirocco_backend* backend, uint32_t device,
                             const sirocco_weight* weight, const sirocco_pack_plan*,
                             const void* source, int64_t row, int64_t n_rows, sirocco_span target,
                             sirocco_error* error) {
    return guarded(error, [&] { of(backend).pack(device, weight, source, row, n_rows, target); });
  }

  static sirocco_status state_create(sirocco_backend* backend, uint32_t device,
                                     const sirocco_state_group* group, sirocco_state_store** store,
                                     sirocco_error* error) {
    return guarded(error, [&] {
      *store = reinterpret_cast<sirocco_state_store*>(of(backend).state_create(device, group));
    });
  }
  static void state_destroy(sirocco_backend*, sirocco_state_store* store) { delete &of(store); }
  static sirocco_status state_bytes(sirocco_backend* backend, uint32_t device,
                                    const sirocco_state_group* group, uint64_t* bytes,
                                    sirocco_error* error) {
    return guarded(error, [&] {
      of(backend).check_device(device);
      *bytes = StateLayout(group).bytes;
    });
  }
  /// What changes or reads a store's bytes needs access to the device's memory.
  template <class Body>
  static sirocco_status with_store(sirocco_backend* backend, sirocco_error* error, Body&& body) {
    return guarded(error, [&] {
      const DeviceMemory::Access access(of(backend).memory());
      body();
    });
  }
  static sirocco_status state_copy(sirocco_backend* backend, sirocco_state_store* store,
                                   uint32_t from, uint32_t to, uint32_t n_tokens,
                                   sirocco_error* error) {
    return with_store(backend, error, [&] { of(store).copy(from, to, n_tokens); });
  }
  static sirocco_status state_truncate(sirocco_backend*, sirocco_state_store* store, const int32_t*,
                                       size_t, uint64_t, sirocco_error* error) {
    return guarded(error, [&] { of(store).truncate(); });
  }
  static sirocco_status state_snapshot(sirocco_backend* backend, sirocco_state_store* store,
                                       uint32_t slot, uint64_t snapshot, sirocco_error* error) {
    return with_store(backend, error, [&] { of(store).snapshot(slot, snapshot); });
  }
  static sirocco_status state_restore(sirocco_backend* backend, sirocco_state_store* store,
                                      uint32_t slot, uint64_t snapshot, sirocco_error* error) {
    return with_store(backend, error, [&] { of(store).restore(slot, snapshot); });
  }
  static sirocco_status state_export(sirocco_backend* backend, sirocco_state_store* store,
                                     uint32_t page, void* data, uint64_t* bytes,
                                     sirocco_error* error) {
    return with_store(backend, error, [&] {
      const uint64_t capacity = *bytes;
      *bytes = of(store).page_bytes();
      if (!data) return;
      if (capacity < *bytes) throw StatusError(SIROCCO_INVALID_ARGUMENT, "no room for a page");
      of(store).export_page(page, static_cast<std::byte*>(data));
    });
  }
  static sirocco_status state_import(sirocco_backend* backend, sirocco_state_store* store,
                                     uint32_t page, const void* data, uint64_t bytes,
                                     sirocco_error* error) {
    return with_store(backend, error, [&] {
      of(store).import_page(page, static_cast<const std::byte*>(data), bytes);
    });
  }

  static sirocco_status compile(sirocco_backend* backend, uint32_t device,
                                const sirocco_graph* graph, const sirocco_compile_options* options,
                                sirocco_executable** executable, sirocco_error* error) {
    return guarded(error, [&] {
      *executable =
          reinterpret_cast<sirocco_executable*>(of(backend).compile(device, graph, options));
    });
  }
  static void executable_destroy(sirocco_backend*, sirocco_executable* executable) {
    delete &of(executable);
  }
  static sirocco_status executable_info(sirocco_backend*, const sirocco_executable* executable,
                                        sirocco_executable_info* info, sirocco_error* error) {
    return guarded(error, [&] {
      write_struct(info, reinterpret_cast<const Executable*>(executable)->info());
    });
  }
  static sirocco_status execute(sirocco_backend* backend, sirocco_executable* executable,
                                const sirocco_bindings* bindings, const sirocco_step* step,
                                sirocco_error* error) {
    return guarded(error, [&] { of(backend).execute(of(executable), bindings, step); });
  }
  static sirocco_status read_times(sirocco_backend*, sirocco_executable* executable,
                                   sirocco_node_time* times, size_t capacity, size_t* count,
                                   sirocco_error* error) {
    return guarded(error, [&] { *count = of(executable).read_times(times, capacity); });
  }
};

}  // namespace detail

/// The interface of a backend; `kDescription` has static storage.
template <const BackendDescription& kDescription>
struct KernelBackend {
  static sirocco_status create(const sirocco_host* host, sirocco_backend** backend,
                               sirocco_error* error) {
    return guarded(error, [&] {
      *backend = reinterpret_cast<sirocco_backend*>(new BackendInstance(kDescription, host));
    });
  }

  using Functions = detail::BackendFunctions;
  static constexpr sirocco_backend_interface table{
      .struct_size = sizeof(sirocco_backend_interface),
      .create = create,
      .destroy = Functions::destroy,
      .device_count = Functions::device_count,
      .device_info = Functions::device_info,
      .buffer_create = Functions::buffer_create,
      .buffer_import = Functions::buffer_import,
      .buffer_destroy = Functions::buffer_destroy,
      .buffer_write = Functions::buffer_write,
      .buffer_read = Functions::buffer_read,
      .buffer_map = Functions::buffer_map,
      .claim = Functions::claim,
      .pack_query = Functions::pack_query,
      .pack = Functions::pack,
      .state_create = Functions::state_create,
      .state_destroy = Functions::state_destroy,
      .state_bytes = Functions::state_bytes,
      .state_copy = Functions::state_copy,
      .state_truncate = Functions::state_truncate,
      .state_snapshot = Functions::state_snapshot,
      .state_restore = Functions::state_restore,
      .state_export = Functions::state_export,
      .state_import = Functions::state_import,
      .compile = Functions::compile,
      .executable_destroy = Functions::executable_destroy,
      .executable_info = Functions::executable_info,
      .execute = Functions::execute,
      .read_times = Functions::read_times,
  };
};

}  // namespace sirocco::sdk
