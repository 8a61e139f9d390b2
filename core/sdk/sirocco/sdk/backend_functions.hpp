#pragma once
// The line between the C interface and a backend written in C++: each function turns handles into
// objects and exceptions into a status.

#include <cstdint>
#include <string>

#include <sirocco/abi/backend.h>
#include <sirocco/sdk/plugin.hpp>
#include <sirocco/sdk/struct_io.hpp>

namespace sirocco::sdk {

/// Of an `Instance`, which is one backend, with the types `Store` and `Exec` behind the handles of
/// state stores and executables. Its methods have the interface's names and arguments; they return
/// what the interface's functions write and throw where those fail.
template <class Instance>
struct BackendFunctions {
  using Store = typename Instance::Store;
  using Exec = typename Instance::Exec;

  static Instance& of(sirocco_backend* backend) { return *reinterpret_cast<Instance*>(backend); }
  static Store& of(sirocco_state_store* store) { return *reinterpret_cast<Store*>(store); }
  static Exec& of(sirocco_executable* executable) { return *reinterpret_cast<Exec*>(executable); }

  static void destroy(sirocco_backend* backend) { delete &of(backend); }
  static uint32_t device_count(sirocco_backend* backend) { return of(backend).device_count(); }
  static sirocco_status device_info(sirocco_backend* backend, uint32_t device,
                                    sirocco_device_info* info, sirocco_error* error) {
    return guarded(error, [&] { write_struct(info, of(backend).device_info(device)); });
  }

  static sirocco_status memory_use(sirocco_backend* backend, uint32_t device,
                                   sirocco_memory_use* use, sirocco_error* error) {
    return guarded(error, [&] { write_struct(use, of(backend).memory_use(device)); });
  }

  static sirocco_status buffer_create(sirocco_backend* backend, uint32_t device, uint64_t bytes,
                                      uint32_t kind, sirocco_buffer** buffer,
                                      sirocco_error* error) {
    return guarded(error, [&] { *buffer = of(backend).buffer_create(device, bytes, kind); });
  }
  static sirocco_status buffer_import(sirocco_backend* backend, uint32_t device, const void* memory,
                                      uint64_t bytes, sirocco_buffer** buffer,
                                      sirocco_error* error) {
    return guarded(error, [&] { *buffer = of(backend).buffer_import(device, memory, bytes); });
  }
  static void buffer_destroy(sirocco_backend* backend, sirocco_buffer* buffer) {
    of(backend).buffer_destroy(buffer);
  }
  static sirocco_status buffer_write(sirocco_backend* backend, sirocco_span target,
                                     const void* source, sirocco_error* error) {
    return guarded(error, [&] { of(backend).buffer_write(target, source); });
  }
  static sirocco_status buffer_read(sirocco_backend* backend, sirocco_span source, void* target,
                                    sirocco_error* error) {
    return guarded(error, [&] { of(backend).buffer_read(source, target); });
  }
  static sirocco_status buffer_map(sirocco_backend* backend, sirocco_buffer* buffer, void** memory,
                                   sirocco_error* error) {
    return guarded(error, [&] { *memory = of(backend).buffer_map(buffer); });
  }

  static sirocco_status claim(sirocco_backend* backend, uint32_t device, const sirocco_graph* graph,
                              const sirocco_limits*, const sirocco_claim_sink* sink,
                              sirocco_error* error) {
    return guarded(error, [&] { of(backend).claim(device, graph, sink); });
  }
  static sirocco_status pack_query(sirocco_backend* backend, uint32_t device,
                                   const sirocco_weight* weight, sirocco_pack_plan* plan,
                                   sirocco_error* error) {
    return guarded(error, [&] { write_struct(plan, of(backend).pack_query(device, weight)); });
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
    return guarded(error, [&] { *bytes = of(backend).state_bytes(device, group); });
  }
  /// What changes or reads a store's bytes needs access to the device's memory.
  template <class Body>
  static sirocco_status with_store(sirocco_backend* backend, sirocco_error* error, Body&& body) {
    return guarded(error, [&] {
      [[maybe_unused]] const auto access = of(backend).access();
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
    return guarded(error,
                   [&] { write_struct(info, reinterpret_cast<const Exec*>(executable)->info()); });
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

  /// `create` makes the instance from the host's services.
  using Create = sirocco_status (*)(const sirocco_host* host, sirocco_backend** backend,
                                    sirocco_error* error);
  static constexpr sirocco_backend_interface table(Create create) {
    return {
        .struct_size = sizeof(sirocco_backend_interface),
        .create = create,
        .destroy = destroy,
        .device_count = device_count,
        .device_info = device_info,
        .buffer_create = buffer_create,
        .buffer_import = buffer_import,
        .buffer_destroy = buffer_destroy,
        .buffer_write = buffer_write,
        .buffer_read = buffer_read,
        .buffer_map = buffer_map,
        .claim = claim,
        .pack_query = pack_query,
        .pack = pack,
        .state_create = state_create,
        .state_destroy = state_destroy,
        .state_bytes = state_bytes,
        .state_copy = state_copy,
        .state_truncate = state_truncate,
        .state_snapshot = state_snapshot,
        .state_restore = state_restore,
        .state_export = state_export,
        .state_import = state_import,
        .compile = compile,
        .executable_destroy = executable_destroy,
        .executable_info = executable_info,
        .execute = execute,
        .read_times = read_times,
        .memory_use = memory_use,
    };
  }
};

}  // namespace sirocco::sdk
