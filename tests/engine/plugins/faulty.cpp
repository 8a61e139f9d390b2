// A layer around another backend that makes chosen executes fail half-way: what the host must
// survive. Options: `target` (the .so behind it), `fail_at` (which execute fails, counted from 1).

#include <dlfcn.h>

#include <memory>
#include <string>
#include <string_view>

#include <sirocco/abi/backend.h>
#include <sirocco/sdk/plugin.hpp>

namespace {

using Interface = sirocco_backend_interface;
using sirocco::sdk::guarded;
using sirocco::sdk::StatusError;

struct Wrapped {
  const Interface* table = nullptr;
  sirocco_backend* inner = nullptr;
  sirocco_host bare{};  ///< what the inner backend sees: it keeps the address
  long fail_at = 0;
  long executes = 0;
};

Wrapped& unwrap(sirocco_backend* backend) { return *reinterpret_cast<Wrapped*>(backend); }

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
    wrapped->table = static_cast<const Interface*>(plugin->get_interface(SIROCCO_INTERFACE_BACKEND));
    wrapped->fail_at = std::stol(sirocco::sdk::option(host, "fail_at", "0"));
    // The layer's own options mean nothing to what lies behind it: it gets no service.
    wrapped->bare = *host;
    wrapped->bare.get_service = [](const sirocco_host*, const char*) -> const void* {
      return nullptr;
    };
    const sirocco_status status =
        wrapped->table->create(&wrapped->bare, &wrapped->inner, error);
    if (status != SIROCCO_OK)
      throw StatusError(status, error ? std::string(error->message) : "create failed");
    *backend = reinterpret_cast<sirocco_backend*>(wrapped.release());
  });
}

void destroy(sirocco_backend* backend) {
  unwrap(backend).table->destroy(unwrap(backend).inner);
  delete &unwrap(backend);
}

sirocco_status execute(sirocco_backend* backend, sirocco_executable* executable,
                       const sirocco_bindings* bindings, const sirocco_step* step,
                       sirocco_error* error) {
  Wrapped& wrapped = unwrap(backend);
  if (++wrapped.executes == wrapped.fail_at) {
    // The state is written and then lost, as when a device dies after its kernels ran.
    wrapped.table->execute(wrapped.inner, executable, bindings, step, error);
    return sirocco::sdk::fail(error, SIROCCO_DEVICE_LOST, "failed on purpose");
  }
  return wrapped.table->execute(wrapped.inner, executable, bindings, step, error);
}

constexpr Interface kInterface = [] {
  Interface table{};
  table.struct_size = sizeof table;
  table.create = create;
  table.destroy = destroy;
  table.device_count = forward<&Interface::device_count>;
  table.device_info = forward<&Interface::device_info>;
  table.buffer_create = forward<&Interface::buffer_create>;
  table.buffer_import = forward<&Interface::buffer_import>;
  table.buffer_destroy = forward<&Interface::buffer_destroy>;
  table.buffer_write = forward<&Interface::buffer_write>;
  table.buffer_read = forward<&Interface::buffer_read>;
  table.buffer_map = forward<&Interface::buffer_map>;
  table.claim = forward<&Interface::claim>;
  table.pack_query = forward<&Interface::pack_query>;
  table.pack = forward<&Interface::pack>;
  table.state_create = forward<&Interface::state_create>;
  table.state_destroy = forward<&Interface::state_destroy>;
  table.state_bytes = forward<&Interface::state_bytes>;
  table.compile = forward<&Interface::compile>;
  table.executable_destroy = forward<&Interface::executable_destroy>;
  table.executable_info = forward<&Interface::executable_info>;
  table.execute = execute;
  return table;
}();

const void* get_interface(const char* id) {
  return std::string_view(id) == SIROCCO_INTERFACE_BACKEND ? &kInterface : nullptr;
}

constexpr sirocco_plugin kPlugin{sizeof(sirocco_plugin),
                                 SIROCCO_ABI_VERSION_MIN,
                                 SIROCCO_ABI_VERSION,
                                 "faulty",
                                 "0.1.0",
                                 "Sirocco",
                                 "Apache-2.0",
                                 "A layer that makes executes fail, for tests",
                                 get_interface,
                                 nullptr};

}  // namespace

SIROCCO_DEFINE_PLUGIN(kPlugin)
