#pragma once
// Drives a backend through its C interface: graphs and steps built by hand, every value between
// guard bytes, results as doubles.

#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sirocco/abi/backend.h>
#include <sirocco/abi/step.h>
#include <sirocco/sdk/numeric.hpp>

namespace harness {

using Doubles = std::vector<double>;
using Dims = std::vector<sirocco_dim>;
using Options = std::map<std::string, std::string>;

inline sirocco_dim constant(int64_t n) {
  return {n, 0, SIROCCO_SYM_NONE};
}
inline sirocco_dim tokens(int32_t scale = 1) {
  return {0, scale, SIROCCO_SYM_TOKENS};
}
inline sirocco_dim seqs() {
  return {0, 1, SIROCCO_SYM_SEQS};
}
inline sirocco_dim rows() {
  return {0, 1, SIROCCO_SYM_ROWS};
}
inline sirocco_string text(const std::string& s) {
  return {s.data(), s.size()};
}

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
    host_ = {sizeof host_, kAbiVersion, 0, this, get_service};
  }
  Host(const Host&) = delete;
  const sirocco_host* get() const { return &host_; }
  uint32_t threads() const { return threads_; }

 private:
  static constexpr uint32_t kAbiVersion = 1;
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

/// A graph whose arrays grow as it is built.
class Graph {
 public:
  uint32_t value(uint32_t kind, sirocco_dtype dtype, Dims dims) {
    sirocco_value value{};
    value.struct_size = sizeof value;
    value.name = keep("v" + std::to_string(values_.size()));
    value.kind = kind;
    value.producer = SIROCCO_NONE;
    value.tensor.struct_size = sizeof value.tensor;
    value.tensor.dtype = dtype;
    value.tensor.rank = static_cast<uint32_t>(dims.size());
    std::copy_n(dims.begin(), std::min<size_t>(dims.size(), SIROCCO_MAX_RANK), value.tensor.dims);
    values_.push_back(value);
    return static_cast<uint32_t>(values_.size() - 1);
  }
  uint32_t input(sirocco_dtype dtype, Dims dims) {
    return value(SIROCCO_VALUE_INPUT, dtype, std::move(dims));
  }
  uint32_t weight(sirocco_dtype dtype, Dims dims) {
    return value(SIROCCO_VALUE_WEIGHT, dtype, std::move(dims));
  }
  uint32_t internal(sirocco_dtype dtype, Dims dims) {
    return value(SIROCCO_VALUE_INTERNAL, dtype, std::move(dims));
  }
  uint32_t output(sirocco_dtype dtype, Dims dims) {
    return value(SIROCCO_VALUE_OUTPUT, dtype, std::move(dims));
  }

  int64_t state(sirocco_state state) {
    state.struct_size = sizeof state;
    states_.push_back(state);
    return static_cast<int64_t>(states_.size()) - 1;
  }

  sirocco_node& node(const std::string& op, std::vector<uint32_t> inputs,
                     std::vector<uint32_t> outputs, std::vector<sirocco_attr> attrs = {},
                     const std::string& domain = "sirocco") {
    sirocco_node node{};
    node.struct_size = sizeof node;
    node.domain = keep(domain);
    node.op = keep(op);
    node.version = 1;
    node.id = static_cast<uint32_t>(100 + nodes_.size());
    node.path = keep("test/" + op);
    for (uint32_t output : outputs) values_[output].producer = static_cast<uint32_t>(nodes_.size());
    const auto& kept_inputs = lists_.emplace_back(std::move(inputs));
    const auto& kept_outputs = lists_.emplace_back(std::move(outputs));
    const auto& kept_attrs = attrs_.emplace_back(std::move(attrs));
    node.inputs = kept_inputs.data();
    node.n_inputs = kept_inputs.size();
    node.outputs = kept_outputs.data();
    node.n_outputs = kept_outputs.size();
    node.attrs = kept_attrs.data();
    node.n_attrs = kept_attrs.size();
    node.attr_stride = sizeof(sirocco_attr);
    nodes_.push_back(node);
    return nodes_.back();
  }

  sirocco_attr attr(const std::string& name, uint32_t type) {
    sirocco_attr attr{};
    attr.struct_size = sizeof attr;
    attr.name = keep(name);
    attr.type = type;
    return attr;
  }
  sirocco_attr null(const std::string& name) { return attr(name, SIROCCO_ATTR_NULL); }
  sirocco_attr number(const std::string& name, int64_t value) {
    sirocco_attr made = attr(name, SIROCCO_ATTR_INT);
    made.i = value;
    return made;
  }
  sirocco_attr real(const std::string& name, double value) {
    sirocco_attr made = attr(name, SIROCCO_ATTR_FLOAT);
    made.f = value;
    return made;
  }
  sirocco_attr string(const std::string& name, const std::string& value) {
    sirocco_attr made = attr(name, SIROCCO_ATTR_STRING);
    made.s = keep(value);
    return made;
  }
  sirocco_attr state_ref(const std::string& name, int64_t index) {
    sirocco_attr made = attr(name, SIROCCO_ATTR_STATE);
    made.i = index;
    return made;
  }

  sirocco_graph get() const {
    return {sizeof(sirocco_graph), values_.data(), values_.size(),
            sizeof(sirocco_value), nodes_.data(),  nodes_.size(),
            sizeof(sirocco_node),  states_.data(), states_.size(),
            sizeof(sirocco_state)};
  }
  std::vector<sirocco_value>& values() { return values_; }
  const std::vector<sirocco_value>& values() const { return values_; }
  const std::vector<sirocco_state>& states() const { return states_; }

 private:
  sirocco_string keep(const std::string& s) { return text(strings_.emplace_back(s)); }

  std::vector<sirocco_value> values_;
  std::vector<sirocco_node> nodes_;
  std::vector<sirocco_state> states_;
  std::deque<std::string> strings_;
  std::deque<std::vector<uint32_t>> lists_;
  std::deque<std::vector<sirocco_attr>> attrs_;
};

/// One sequence's part of a step: `fresh` tokens on top of `held` that the state has already.
struct Sequence {
  int64_t held = 0;
  int64_t fresh = 1;
  std::vector<int32_t> pages = {};
};

/// A step buffer with one paged group.
class Step {
 public:
  /// Padding included; raised to what is live.
  using Sizes = sirocco::sdk::Extents;
  static constexpr int64_t kStride = 64;
  static constexpr int kTable = int{SIROCCO_STEP_HEADER} + SIROCCO_STEP_GROUP_OFF_TABLE;
  static constexpr int kSlots = int{SIROCCO_STEP_HEADER} + SIROCCO_STEP_GROUP_OFF_SLOT;

  Step(std::vector<Sequence> sequences, int64_t page_tokens, std::vector<int32_t> wanted = {},
       Sizes padded = {0, 0, 0}) {
    int64_t live = 0;
    for (const Sequence& sequence : sequences) live += sequence.fresh;
    const auto live_seqs = static_cast<int64_t>(sequences.size());
    const auto live_rows = static_cast<int64_t>(wanted.size());
    const int64_t t = std::max(padded.tokens, live), s = std::max(padded.seqs, live_seqs),
                  r = std::max(padded.rows, live_rows);
    ints_.resize(int{SIROCCO_STEP_HEADER} + SIROCCO_STEP_GROUP_INTS, 0);
    const int64_t sizes[] = {SIROCCO_STEP_LAYOUT_VERSION, t, s, r, live, live_seqs, live_rows, 1};
    for (size_t i = 0; i < std::size(sizes); ++i) ints_[i] = static_cast<int32_t>(sizes[i]);
    reserve(SIROCCO_STEP_OFF_TOKENS, t, 0);
    reserve(SIROCCO_STEP_OFF_POSITIONS, t, 0);
    reserve(SIROCCO_STEP_OFF_CU_SEQLENS, s + 1, static_cast<int32_t>(live));
    reserve(SIROCCO_STEP_OFF_KV_LENS, s, 0);
    reserve(SIROCCO_STEP_OFF_WANTED, r, 0);
    reserve(SIROCCO_STEP_OFF_SEQ_OF_TOKEN, t, -1);
    ints_[int{SIROCCO_STEP_HEADER} + SIROCCO_STEP_GROUP_STRIDE] = kStride;
    reserve(kTable, s * kStride, -1);
    reserve(kSlots, t, -1);
    ints_[SIROCCO_STEP_SIZE] = static_cast<int32_t>(ints_.size());
    std::copy(wanted.begin(), wanted.end(), list(SIROCCO_STEP_OFF_WANTED));
    int64_t token = 0;
    for (size_t i = 0; i < sequences.size(); ++i) fill(i, sequences[i], page_tokens, token);
  }

  int32_t* list(int field) { return ints_.data() + ints_[static_cast<size_t>(field)]; }
  int32_t* table() { return list(kTable); }
  int32_t* slots() { return list(kSlots); }
  std::vector<int32_t>& ints() { return ints_; }
  const std::vector<int32_t>& ints() const { return ints_; }
  sirocco::sdk::Extents extents() const {
    return {ints_[SIROCCO_STEP_N_TOKENS], ints_[SIROCCO_STEP_N_SEQS], ints_[SIROCCO_STEP_N_ROWS]};
  }

 private:
  void reserve(int field, int64_t n, int32_t fill) {
    ints_[static_cast<size_t>(field)] = static_cast<int32_t>(ints_.size());
    ints_.insert(ints_.end(), static_cast<size_t>(n), fill);
  }
  void fill(size_t index, const Sequence& sequence, int64_t page_tokens, int64_t& token) {
    list(SIROCCO_STEP_OFF_CU_SEQLENS)[index] = static_cast<int32_t>(token);
    list(SIROCCO_STEP_OFF_KV_LENS)[index] = static_cast<int32_t>(sequence.held + sequence.fresh);
    std::copy(sequence.pages.begin(), sequence.pages.end(),
              table() + static_cast<int64_t>(index) * kStride);
    for (int64_t i = 0; i < sequence.fresh; ++i, ++token) {
      const int64_t position = sequence.held + i;
      const auto page = static_cast<size_t>(position / page_tokens);
      list(SIROCCO_STEP_OFF_POSITIONS)[token] = static_cast<int32_t>(position);
      list(SIROCCO_STEP_OFF_SEQ_OF_TOKEN)[token] = static_cast<int32_t>(index);
      slots()[token] =
          page < sequence.pages.size()
              ? static_cast<int32_t>(sequence.pages[page] * page_tokens + position % page_tokens)
              : 0;
    }
  }
  std::vector<int32_t> ints_;
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
    const sirocco_compile_options options{sizeof options, limits_, flags, 0, nullptr};
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
    // The device may not see the host's memory, so it gets a copy.
    const auto& ints = step.ints();
    sirocco_buffer* copy = nullptr;
    backend_.check(backend_.api.buffer_create(backend_.handle, 0, ints.size() * 4,
                                              SIROCCO_MEMORY_STEP, &copy, backend_.error()));
    created_.push_back(copy);
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
