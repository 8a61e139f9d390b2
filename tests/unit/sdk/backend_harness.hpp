#pragma once
// Drives a backend through its C interface: every value between guard bytes, results as doubles.

#include <cstring>
#include <functional>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sirocco/abi/backend.h>
#include <sirocco/abi/version.h>
#include <sirocco/sdk/numeric.hpp>

#include "unit/sdk/graph_builder.hpp"
#include "unit/sdk/step_builder.hpp"

namespace harness {

/// A call that did not return SIROCCO_OK.
class CallError : public std::runtime_error {
 public:
  CallError(sirocco_status status, const std::string& message)
      : std::runtime_error(message), status_(status) {}
  sirocco_status status() const { return status_; }

 private:
  sirocco_status status_;
};

/// A host that offers options and, with more than one thread, a team.
class Host {
 public:
  explicit Host(Options options = {}, uint32_t threads = 1)
      : options_(options.begin(), options.end()), threads_(threads) {
    host_ = {sizeof host_, SIROCCO_ABI_VERSION, 0, this, get_service};
  }
  Host(const Host&) = delete;
  const sirocco_host* get() const { return &host_; }
  uint32_t threads() const { return threads_; }

 private:
  static Host& of(void* ctx) { return *static_cast<Host*>(ctx); }
  static const void* get_service(const sirocco_host* host, const char* id) {
    static constexpr sirocco_options_service kOptions{
        sizeof kOptions, [](void* ctx) { return of(ctx).options_.size(); },
        [](void* ctx, size_t i) {
          const auto& [key, value] = of(ctx).options_[i];
          return sirocco_option{text(key), text(value)};
        }};
    static constexpr sirocco_team_service kTeam{
        sizeof kTeam, [](void* ctx) { return of(ctx).threads_; }, run_team, nullptr};
    if (std::string(id) == SIROCCO_SERVICE_OPTIONS) return &kOptions;
    if (std::string(id) == SIROCCO_SERVICE_TEAM && of(host->ctx).threads_ > 1) return &kTeam;
    return nullptr;
  }
  static void run_team(void* ctx, void (*fn)(void*, uint32_t, uint32_t), void* arg) {
    std::vector<std::thread> others;
    for (uint32_t i = 1; i < of(ctx).threads_; ++i)
      others.emplace_back(fn, arg, i, of(ctx).threads_);
    fn(arg, 0, of(ctx).threads_);
    for (std::thread& other : others) other.join();
  }

  sirocco_host host_{};
  std::vector<std::pair<std::string, std::string>> options_;
  uint32_t threads_;
};

/// A verdict as the backend gave it.
struct Verdict {
  uint32_t verdict = 0;
  uint32_t reason = 0;
  std::string text;
};

class Backend {
 public:
  Backend(const sirocco_backend_interface& table, const Host& host) : api(table) {
    check(api.create(host.get(), &handle, error()));
  }
  Backend(const Backend&) = delete;
  ~Backend() { api.destroy(handle); }

  sirocco_error* error() {
    error_ = {sizeof error_, ""};
    return &error_;
  }
  void check(sirocco_status status) const {
    if (status != SIROCCO_OK) throw CallError(status, error_.message);
  }
  std::vector<Verdict> claim(const sirocco_graph& graph) {
    std::vector<Verdict> verdicts;
    const sirocco_claim_sink sink{
        sizeof sink, &verdicts, [](void* ctx, const sirocco_claim* c) {
          auto& list = *static_cast<std::vector<Verdict>*>(ctx);
          list.push_back({c->verdict, c->reason, std::string(c->text.data, c->text.size)});
        }};
    const sirocco_limits limits{sizeof limits, 64, 8, 64, 256};
    check(api.claim(handle, 0, &graph, &limits, &sink, error()));
    return verdicts;
  }

  const sirocco_backend_interface& api;
  sirocco_backend* handle = nullptr;

 private:
  sirocco_error error_{};
};

constexpr uint64_t kGuard = 256;
constexpr unsigned char kGuardByte = 0xA5;

/// One compiled graph with a buffer a value, each between guard bytes, and maybe a state store.
class Program {
 public:
  Program(Backend& backend, const Graph& graph, sirocco_limits limits = {0, 64, 8, 64, 256},
          uint32_t flags = 0)
      : backend_(backend), graph_(graph), limits_(limits) {
    limits_.struct_size = sizeof limits_;
    const sirocco_graph view = graph.get();
    const sirocco_compile_options options{sizeof options, &limits_, flags, 0, nullptr};
    backend_.check(
        backend_.api.compile(backend_.handle, 0, &view, &options, &executable_, backend_.error()));
    buffers_.resize(graph.values().size());
    sizes_.resize(graph.values().size());
    offsets_.resize(graph.values().size(), kGuard);
    workspace_ = guarded(info().workspace_bytes);
  }
  Program(const Program&) = delete;
  ~Program() {
    for (sirocco_buffer* buffer : created_) backend_.api.buffer_destroy(backend_.handle, buffer);
    if (store) backend_.api.state_destroy(backend_.handle, store);
    backend_.api.executable_destroy(backend_.handle, executable_);
  }

  sirocco_executable_info info() {
    sirocco_executable_info info{};
    info.struct_size = sizeof info;
    backend_.check(
        backend_.api.executable_info(backend_.handle, executable_, &info, backend_.error()));
    return info;
  }
  sirocco_executable* executable() { return executable_; }

  void create_state(uint64_t n_pages, uint32_t kind = SIROCCO_STATE_PAGED) {
    const auto& states = graph_.states();
    const sirocco_state_group group{
        sizeof group,          0,      kind, {nullptr, 0}, states.data(), states.size(),
        sizeof(sirocco_state), n_pages};
    backend_.check(backend_.api.state_create(backend_.handle, 0, &group, &store, backend_.error()));
  }

  /// `shift` bytes more than the guard, for weights at odd addresses.
  void set(uint32_t value, const Doubles& data, uint64_t shift = 0) {
    const sirocco_dtype dtype = graph_.values()[value].tensor.dtype;
    std::vector<std::byte> bytes(data.size() *
                                 static_cast<size_t>(sirocco::sdk::dtype_bytes(dtype)));
    if (dtype == SIROCCO_DTYPE_I32) {
      for (size_t i = 0; i < data.size(); ++i) {
        const auto number = static_cast<int32_t>(data[i]);
        std::memcpy(bytes.data() + i * 4, &number, 4);
      }
    } else {
      sirocco::sdk::store_doubles(bytes.data(), dtype, 0, static_cast<int64_t>(data.size()),
                                  data.data());
    }
    create(value, bytes.size(), shift);
    write(buffers_[value], offsets_[value], bytes);
  }
  void create(uint32_t value, uint64_t bytes, uint64_t shift = 0) {
    buffers_[value] = guarded(bytes + shift);
    offsets_[value] = kGuard + shift;
    sizes_[value] = bytes;
  }

  /// Runs and checks every guard byte. Outputs get the size that the step needs, to the byte.
  void run(const Step& step) {
    for (uint32_t v = 0; v < graph_.values().size(); ++v) {
      if (graph_.values()[v].kind == SIROCCO_VALUE_OUTPUT)
        create(v, static_cast<uint64_t>(
                      sirocco::sdk::tensor_bytes(graph_.values()[v].tensor, step.extents())));
    }
    execute(step);
    for (uint32_t v = 0; v < buffers_.size(); ++v)
      if (buffers_[v]) check_guards(buffers_[v], offsets_[v], sizes_[v]);
    check_guards(workspace_, kGuard, info().workspace_bytes);
  }

  /// As it is, without anything created or checked.
  void execute(const Step& step) {
    std::vector<sirocco_span> spans;
    for (size_t v = 0; v < buffers_.size(); ++v)
      spans.push_back({buffers_[v], offsets_[v], sizes_[v]});
    if (tamper) tamper(spans);
    sirocco_bindings bindings{sizeof bindings,
                              spans.data(),
                              spans.size(),
                              &store,
                              1,
                              {workspace_, kGuard, info().workspace_bytes}};
    // The device may not see the host's memory, so it gets a copy, at one address as an engine's.
    const auto& ints = step.ints();
    sirocco_buffer*& copy = step_copies_[ints.size()];
    if (!copy) {
      backend_.check(backend_.api.buffer_create(backend_.handle, 0, ints.size() * 4,
                                                SIROCCO_MEMORY_STEP, &copy, backend_.error()));
      created_.push_back(copy);
    }
    const sirocco_span device{copy, 0, ints.size() * 4};
    backend_.check(
        backend_.api.buffer_write(backend_.handle, device, ints.data(), backend_.error()));
    const sirocco_step abi_step{sizeof abi_step, ints.data(), device, nullptr};
    backend_.check(
        backend_.api.execute(backend_.handle, executable_, &bindings, &abi_step, backend_.error()));
  }

  std::vector<std::byte> bytes(uint32_t value) {
    return read(buffers_[value], offsets_[value], sizes_[value]);
  }
  Doubles get(uint32_t value) {
    const sirocco_dtype dtype = graph_.values()[value].tensor.dtype;
    const std::vector<std::byte> raw = bytes(value);
    Doubles data(raw.size() / static_cast<size_t>(sirocco::sdk::dtype_bytes(dtype)));
    if (dtype == SIROCCO_DTYPE_I32) {
      for (size_t i = 0; i < data.size(); ++i) {
        int32_t number = 0;
        std::memcpy(&number, raw.data() + i * 4, 4);
        data[i] = number;
      }
    } else {
      sirocco::sdk::load_doubles(raw.data(), dtype, 0, static_cast<int64_t>(data.size()),
                                 data.data());
    }
    return data;
  }

  sirocco_state_store* store = nullptr;
  /// Changes the bound spans just before an execute.
  std::function<void(std::vector<sirocco_span>&)> tamper;

 private:
  sirocco_buffer* guarded(uint64_t bytes) {
    sirocco_buffer* buffer = nullptr;
    const uint64_t size = bytes + 2 * kGuard;
    backend_.check(backend_.api.buffer_create(backend_.handle, 0, size, SIROCCO_MEMORY_ARENA,
                                              &buffer, backend_.error()));
    created_.push_back(buffer);
    write(buffer, 0, std::vector<std::byte>(size, std::byte{kGuardByte}));
    capacity_[buffer] = size;
    return buffer;
  }
  void write(sirocco_buffer* buffer, uint64_t offset, const std::vector<std::byte>& bytes) {
    backend_.check(backend_.api.buffer_write(backend_.handle, {buffer, offset, bytes.size()},
                                             bytes.data(), backend_.error()));
  }
  std::vector<std::byte> read(sirocco_buffer* buffer, uint64_t offset, uint64_t size) {
    std::vector<std::byte> bytes(size);
    backend_.check(backend_.api.buffer_read(backend_.handle, {buffer, offset, size}, bytes.data(),
                                            backend_.error()));
    return bytes;
  }
  void check_guards(sirocco_buffer* buffer, uint64_t offset, uint64_t size) {
    const std::vector<std::byte> all = read(buffer, 0, capacity_[buffer]);
    for (size_t i = 0; i < all.size(); ++i) {
      const bool inside = i >= offset && i < offset + size;
      if (!inside && all[i] != std::byte{kGuardByte})
        throw std::runtime_error("a guard byte was overwritten at " + std::to_string(i));
    }
  }

  Backend& backend_;
  const Graph& graph_;
  sirocco_limits limits_;
  sirocco_executable* executable_ = nullptr;
  std::vector<sirocco_buffer*> buffers_;
  std::vector<uint64_t> offsets_, sizes_;
  std::vector<sirocco_buffer*> created_;
  std::map<sirocco_buffer*, uint64_t> capacity_;
  std::map<size_t, sirocco_buffer*> step_copies_;  ///< by size
  sirocco_buffer* workspace_ = nullptr;
};

/// Reproducible numbers, about normally distributed.
inline Doubles random_numbers(size_t n, uint32_t seed) {
  std::mt19937 engine(seed);
  Doubles numbers(n);
  for (double& number : numbers) {
    number = -6;
    for (int i = 0; i < 12; ++i) number += static_cast<double>(engine()) / 4294967296.0;
  }
  return numbers;
}

}  // namespace harness
