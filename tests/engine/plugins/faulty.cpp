// A layer around another backend that makes chosen executes fail half-way, or lies: what the host
// must survive. Options: `target` (the .so behind it), `fail_at` (which execute fails, counted from
// 1), `crash_at` and `hang_at` (which one ends the process, or never returns), `lie` (claims,
// null-buckets, falling-buckets, growing-buckets, huge-bucket, no-map, asynchronous; bad-ids: what
// `sample` answers is no token; nan: nor are the logits any).

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sirocco/abi/backend.h>
#include <sirocco/sdk/graph_view.hpp>
#include <sirocco/sdk/plugin.hpp>

namespace {

using Interface = sirocco_backend_interface;
using sirocco::sdk::guarded;
using sirocco::sdk::StatusError;

struct Wrapped {
  const Interface* table = nullptr;
  sirocco_backend* inner = nullptr;
  sirocco_host bare{};  ///< what the inner backend sees: it keeps the address
  long fail_at = 0, crash_at = 0, hang_at = 0;
  long executes = 0;
  std::string lie;
  int64_t max_tokens = 0;                    ///< of the last compile
  std::vector<int64_t> buckets;              ///< what the lie gives out
  size_t logits = SIZE_MAX, ids = SIZE_MAX;  ///< values of the last graph with the op `sample`
};

Wrapped& unwrap(sirocco_backend* backend) {
  return *reinterpret_cast<Wrapped*>(backend);
}

/// Passes one function of the interface on.
template <auto Member, class Function>
struct Forward;
template <auto Member, class Result, class... Arguments>
struct Forward<Member, Result (*Interface::*)(sirocco_backend*, Arguments...)> {
  static Result call(sirocco_backend* backend, Arguments... arguments) {
    return (unwrap(backend).table->*Member)(unwrap(backend).inner, arguments...);
  }
};
template <auto Member>
constexpr auto forward = &Forward<Member, decltype(Member)>::call;

sirocco_status create(const sirocco_host* host, sirocco_backend** backend, sirocco_error* error) {
  return guarded(error, [&] {
    const std::string target = sirocco::sdk::option(host, "target");
    if (target.empty()) throw StatusError(SIROCCO_INVALID_ARGUMENT, "option `target` is missing");
    void* library = dlopen(target.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) throw StatusError(SIROCCO_IO, dlerror());
    const auto query =
        reinterpret_cast<sirocco_plugin_query_fn>(dlsym(library, SIROCCO_PLUGIN_SYMBOL));
    const sirocco_plugin* plugin = query(SIROCCO_ABI_VERSION_MIN, SIROCCO_ABI_VERSION, host);
    auto wrapped = std::make_unique<Wrapped>();
    wrapped->table =
        static_cast<const Interface*>(plugin->get_interface(SIROCCO_INTERFACE_BACKEND));
    wrapped->lie = sirocco::sdk::option(host, "lie");
    wrapped->fail_at = std::stol(sirocco::sdk::option(host, "fail_at", "0"));
    wrapped->crash_at = std::stol(sirocco::sdk::option(host, "crash_at", "0"));
    wrapped->hang_at = std::stol(sirocco::sdk::option(host, "hang_at", "0"));
    // The layer's own options mean nothing to what lies behind it: it gets no service.
    wrapped->bare = *host;
    wrapped->bare.get_service = [](const sirocco_host*, const char*) -> const void* {
      return nullptr;
    };
    const sirocco_status status = wrapped->table->create(&wrapped->bare, &wrapped->inner, error);
    if (status != SIROCCO_OK)
      throw StatusError(status, error ? std::string(error->message) : "create failed");
    *backend = reinterpret_cast<sirocco_backend*>(wrapped.release());
  });
}

void destroy(sirocco_backend* backend) {
  unwrap(backend).table->destroy(unwrap(backend).inner);
  delete &unwrap(backend);
}

/// Makes a value NaN, or an id that there is not.
sirocco_status spoil(const Wrapped& wrapped, const sirocco_span& span, sirocco_error* error) {
  const std::vector<std::byte> ones(span.size, std::byte{0xff});
  return wrapped.table->buffer_write(wrapped.inner, span, ones.data(), error);
}

sirocco_status execute(sirocco_backend* backend, sirocco_executable* executable,
                       const sirocco_bindings* bindings, const sirocco_step* step,
                       sirocco_error* error) {
  Wrapped& wrapped = unwrap(backend);
  ++wrapped.executes;
  if (wrapped.executes == wrapped.crash_at) raise(SIGSEGV);
  while (wrapped.executes == wrapped.hang_at) pause();
  if (wrapped.executes == wrapped.fail_at) {
    // The state is written and then lost, as when a device dies after its kernels ran.
    wrapped.table->execute(wrapped.inner, executable, bindings, step, error);
    return sirocco::sdk::fail(error, SIROCCO_DEVICE_LOST, "failed on purpose");
  }
  sirocco_status status = wrapped.table->execute(wrapped.inner, executable, bindings, step, error);
  if (status == SIROCCO_OK && (wrapped.lie == "bad-ids" || wrapped.lie == "nan"))
    status = spoil(wrapped, bindings->values[wrapped.ids], error);
  if (status == SIROCCO_OK && wrapped.lie == "nan")
    status = spoil(wrapped, bindings->values[wrapped.logits], error);
  return status;
}

/// Claims that no host may believe.
void lie_about_nodes(const sirocco_claim_sink* sink) {
  const uint32_t outside[] = {UINT32_MAX - 1, 0}, twice[] = {0, 0};
  sirocco_claim lie{};
  lie.struct_size = sizeof lie;
  lie.text = {nullptr, 5};
  sink->add(sink->ctx, nullptr);
  lie.n_nodes = 3;  // of no array
  sink->add(sink->ctx, &lie);
  lie.nodes = outside;
  lie.n_nodes = 2;
  sink->add(sink->ctx, &lie);
  lie.n_nodes = SIZE_MAX / 8;
  sink->add(sink->ctx, &lie);
  lie.nodes = twice;
  lie.n_nodes = 2;
  sink->add(sink->ctx, &lie);
  // An older struct, which ends before the verdict; memory of its own shows a read beyond it.
  const size_t size = offsetof(sirocco_claim, verdict);
  const auto older = std::make_unique<std::byte[]>(size);
  lie.struct_size = size;
  lie.n_nodes = 1;
  std::copy_n(reinterpret_cast<const std::byte*>(&lie), size, older.get());
  sink->add(sink->ctx, reinterpret_cast<const sirocco_claim*>(older.get()));
}

sirocco_status claim(sirocco_backend* backend, uint32_t device, const sirocco_graph* graph,
                     const sirocco_limits* limits, const sirocco_claim_sink* sink,
                     sirocco_error* error) {
  const Wrapped& wrapped = unwrap(backend);
  if (wrapped.lie == "claims") lie_about_nodes(sink);
  return wrapped.table->claim(wrapped.inner, device, graph, limits, sink, error);
}

sirocco_status compile(sirocco_backend* backend, uint32_t device, const sirocco_graph* graph,
                       const sirocco_compile_options* options, sirocco_executable** executable,
                       sirocco_error* error) {
  Wrapped& wrapped = unwrap(backend);
  wrapped.max_tokens = options->limits->max_tokens;
  const sirocco::sdk::GraphView view(graph);
  for (size_t i = 0; i < view.n_nodes(); ++i) {
    if (view.node(i).op() != "sample") continue;
    wrapped.logits = view.node(i).input_index(0);
    wrapped.ids = view.node(i).output_index(0);
  }
  return wrapped.table->compile(wrapped.inner, device, graph, options, executable, error);
}

sirocco_status executable_info(sirocco_backend* backend, const sirocco_executable* executable,
                               sirocco_executable_info* info, sirocco_error* error) {
  Wrapped& wrapped = unwrap(backend);
  const sirocco_status status =
      wrapped.table->executable_info(wrapped.inner, executable, info, error);
  if (wrapped.lie == "falling-buckets") wrapped.buckets = {512, 16};
  if (wrapped.lie == "growing-buckets") wrapped.buckets = {wrapped.max_tokens + 1};
  if (wrapped.lie == "huge-bucket") wrapped.buckets = {int64_t{1} << 40};
  if (wrapped.lie == "null-buckets" || !wrapped.buckets.empty()) {
    info->token_buckets = wrapped.buckets.empty() ? nullptr : wrapped.buckets.data();
    info->n_token_buckets = wrapped.buckets.empty() ? 3 : wrapped.buckets.size();
  }
  return status;
}

sirocco_status device_info(sirocco_backend* backend, uint32_t device, sirocco_device_info* info,
                           sirocco_error* error) {
  const Wrapped& wrapped = unwrap(backend);
  const sirocco_status status = wrapped.table->device_info(wrapped.inner, device, info, error);
  if (wrapped.lie == "asynchronous") info->flags |= SIROCCO_DEVICE_ASYNCHRONOUS;
  return status;
}

sirocco_status buffer_map(sirocco_backend* backend, sirocco_buffer* buffer, void** memory,
                          sirocco_error* error) {
  const Wrapped& wrapped = unwrap(backend);
  if (wrapped.lie == "no-map") return SIROCCO_OK;
  return wrapped.table->buffer_map(wrapped.inner, buffer, memory, error);
}

constexpr Interface kInterface = [] {
  Interface table{};
  table.struct_size = sizeof table;
  table.create = create;
  table.destroy = destroy;
  table.device_count = forward<&Interface::device_count>;
  table.device_info = device_info;
  table.buffer_create = forward<&Interface::buffer_create>;
  table.buffer_import = forward<&Interface::buffer_import>;
  table.buffer_destroy = forward<&Interface::buffer_destroy>;
  table.buffer_write = forward<&Interface::buffer_write>;
  table.buffer_read = forward<&Interface::buffer_read>;
  table.buffer_map = buffer_map;
  table.claim = claim;
  table.pack_query = forward<&Interface::pack_query>;
  table.pack = forward<&Interface::pack>;
  table.state_create = forward<&Interface::state_create>;
  table.state_destroy = forward<&Interface::state_destroy>;
  table.state_bytes = forward<&Interface::state_bytes>;
  table.compile = compile;
  table.executable_destroy = forward<&Interface::executable_destroy>;
  table.executable_info = executable_info;
  table.execute = execute;
  // What a backend may leave out, the older of the two does.
  if (FAULTY_ABI_VERSION >= 4) {
    table.read_times = forward<&Interface::read_times>;
    table.memory_use = forward<&Interface::memory_use>;
  }
  return table;
}();

const void* get_interface(const char* id) {
  return std::string_view(id) == SIROCCO_INTERFACE_BACKEND ? &kInterface : nullptr;
}

constexpr sirocco_plugin kPlugin{sizeof(sirocco_plugin),
                                 SIROCCO_ABI_VERSION_MIN,
                                 FAULTY_ABI_VERSION,
                                 FAULTY_NAME,
                                 "0.1.0",
                                 "Sirocco",
                                 "Apache-2.0",
                                 "A layer that makes executes fail, for tests",
                                 get_interface,
                                 nullptr};

}  // namespace

SIROCCO_DEFINE_PLUGIN(kPlugin)
