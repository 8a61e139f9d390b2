#include <unistd.h>

#include <cerrno>

#include "backend_harness.hpp"
#include "catch.hpp"
#include "count_allocations.hpp"

#include <sirocco/sdk/kernel_backend.hpp>

using namespace harness;
namespace sdk = sirocco::sdk;

namespace {

constexpr sirocco_dtype kF32 = SIROCCO_DTYPE_F32;

// --- A backend of kernels that do what authors do ------------------------------------------------

void accepts_like(const sdk::NodeView& node) {
  sdk::require_floats(node, 1, 1);
  sdk::require(node.output(0).same_type(node.input(0)), SIROCCO_REASON_SHAPE, "unlike x");
}

void run_increment(const sdk::KernelCall& call) {
  const sdk::Tensor& x = call.input(0);
  call.parallel(x.rows(), 1, [&](int64_t begin, int64_t end, sdk::Scratch memory) {
    const auto row = memory.take<double>(x.width());
    for (int64_t r = begin; r < end; ++r) {
      sdk::load_row(x, r, row.data());
      for (double& value : row) value += 1;
      sdk::store_row(call.output(0), r, row.data());
    }
  });
}

uint64_t scratch_row(const sdk::NodeView& node, const sirocco_limits&) {
  return sdk::Scratch::size_of<double>(node.input(0).dim(-1).base);
}

void run_greedy(const sdk::KernelCall& call) {
  call.parallel(4, 1, [](int64_t, int64_t, sdk::Scratch memory) { memory.take<double>(1000); });
}

void run_throwing(const sdk::KernelCall&) {
  throw std::runtime_error("a bug");
}

void accept_lazily(const sdk::NodeView& node) {
  node.attr_int("k");
}

/// Adds every live token's row to its sequence's slot and answers with the slot.
void run_sum(const sdk::KernelCall& call) {
  const sdk::Tensor& x = call.input(0);
  const sdk::StateView& state = call.state();
  const auto slots = call.step().sequence_slots(state.spec.group);
  double row[4], kept[4];
  for (int64_t t = 0; t < call.step().live_tokens(); ++t) {
    const int32_t slot = slots[call.step().seq_of_token()[static_cast<size_t>(t)]];
    sdk::load_row(x, t, row);
    sdk::load_row(state.keys, slot, kept);
    for (int i = 0; i < 4; ++i) kept[i] += row[i];
    sdk::store_row(state.keys, slot, kept);
    sdk::store_row(call.output(0), t, kept);
  }
}

const sdk::Kernel kKernels[] = {
    {.domain = "test",
     .op = "increment",
     .accepts = accepts_like,
     .run = run_increment,
     .scratch = scratch_row},
    {.domain = "test", .op = "greedy", .accepts = accepts_like, .run = run_greedy},
    {.domain = "test", .op = "throwing", .accepts = accepts_like, .run = run_throwing},
    {.domain = "test", .op = "lazy", .accepts = accept_lazily, .run = run_increment},
    {.domain = "test", .op = "sum", .accepts = accepts_like, .run = run_sum},
};
constexpr sdk::BackendDescription kDescription{.device = "test", .kernels = kKernels};
constexpr const sirocco_backend_interface& kTable = sdk::KernelBackend<kDescription>::table;

/// x, then `n` increments, then y.
struct Chain {
  Graph graph;
  uint32_t x, y;

  explicit Chain(int n, const std::string& op = "increment") {
    x = graph.input(kF32, {tokens(), constant(4)});
    uint32_t last = x;
    for (int i = 1; i < n; ++i) {
      const uint32_t next = graph.internal(kF32, {tokens(), constant(4)});
      graph.node(op, {last}, {next}, {}, "test");
      last = next;
    }
    y = graph.output(kF32, {tokens(), constant(4)});
    graph.node(op, {last}, {y}, {}, "test");
  }
};

Step two_tokens() {
  return Step({{0, 2, {0}}}, 4);
}
const Doubles kData{1, 2, 3, 4, 5, 6, 7, 8};

template <class Body>
std::string message_of(sirocco_status status, Body&& body) {
  try {
    body();
  } catch (const CallError& error) {
    REQUIRE(error.status() == status);
    return error.what();
  }
  FAIL("an error was expected");
  return {};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a backend is a list of kernels") {
  for (const char* visible : {"true", "false"}) {
    const Host host(Options{{"host_visible", visible}}, 3);
    Backend backend(kTable, host);
    const Chain chain(5);
    Program program(backend, chain.graph);
    program.set(chain.x, kData);
    program.run(two_tokens());
    Doubles expected = kData;
    for (double& value : expected) value += 5;
    REQUIRE(program.get(chain.y) == expected);
    REQUIRE(program.get(chain.x) == kData);
    REQUIRE(program.info().launches == 5);
  }
}

TEST_CASE("internal values share memory once they are dead") {
  const Host host;
  Backend backend(kTable, host);
  // 64 tokens of 4 floats: 1024 bytes a value, two alive at a time; a row of doubles of scratch.
  Program program(backend, Chain(20).graph);
  REQUIRE(program.info().workspace_bytes == 2 * 1024 + 64);
}

TEST_CASE("devices describe themselves to hosts of any age") {
  const Host host, hidden(Options{{"host_visible", "false"}});
  Backend visible(kTable, host), invisible(kTable, hidden);
  sirocco_device_info info{};
  info.struct_size = sizeof info;
  visible.check(kTable.device_info(visible.handle, 0, &info, visible.error()));
  REQUIRE(info.flags == (SIROCCO_DEVICE_HOST_VISIBLE | SIROCCO_DEVICE_IMPORTS_HOST));
  REQUIRE(std::string(info.name.data, info.name.size) == "test");
  invisible.check(kTable.device_info(invisible.handle, 0, &info, invisible.error()));
  REQUIRE(info.flags == 0);
  sirocco_device_info old{};
  old.struct_size = offsetof(sirocco_device_info, name);
  visible.check(kTable.device_info(visible.handle, 0, &old, visible.error()));
  REQUIRE(old.name.data == nullptr);
  REQUIRE(kTable.device_info(visible.handle, 1, &info, nullptr) == SIROCCO_INVALID_ARGUMENT);
}

TEST_CASE("claims say why not") {
  const Host host(Options{{"decline", "add, test.greedy"}});
  Backend backend(kTable, host);
  Graph graph;
  const uint32_t x = graph.input(kF32, {tokens(), constant(4)});
  const uint32_t y = graph.input(kF32, {tokens(), constant(5)});
  const uint32_t i = graph.input(SIROCCO_DTYPE_I32, {tokens(), constant(4)});
  graph.node("increment", {x}, {x}, {}, "test");
  graph.node("increment", {x}, {y}, {}, "test");
  graph.node("increment", {i}, {i}, {}, "test");
  graph.node("greedy", {x}, {x}, {}, "test");
  graph.node("add", {x}, {x}, {});
  graph.node("increment", {x}, {x}, {});
  graph.node("lazy", {x}, {x}, {}, "test");
  graph.node("increment", {77}, {x}, {}, "test");
  graph.node("increment", {x}, {x}, {}, "test").version = 2;
  const std::vector<Verdict> verdicts = backend.claim(graph.get());
  const std::pair<uint32_t, uint32_t> expected[] = {
      {SIROCCO_CLAIM_ACCEPTED, SIROCCO_REASON_NONE},
      {SIROCCO_CLAIM_DECLINED, SIROCCO_REASON_SHAPE},
      {SIROCCO_CLAIM_DECLINED, SIROCCO_REASON_DTYPE},
      {SIROCCO_CLAIM_DECLINED, SIROCCO_REASON_OPTION},
      {SIROCCO_CLAIM_DECLINED, SIROCCO_REASON_OPTION},
      {SIROCCO_CLAIM_DECLINED, SIROCCO_REASON_UNKNOWN_OP},
      {SIROCCO_CLAIM_ERROR, SIROCCO_REASON_NONE},
      {SIROCCO_CLAIM_ERROR, SIROCCO_REASON_NONE},
      {SIROCCO_CLAIM_DECLINED, SIROCCO_REASON_UNKNOWN_OP},
  };
  REQUIRE(verdicts.size() == std::size(expected));
  for (size_t n = 0; n < verdicts.size(); ++n) {
    CAPTURE(n);
    REQUIRE(verdicts[n].verdict == expected[n].first);
    REQUIRE(verdicts[n].reason == expected[n].second);
    REQUIRE(verdicts[n].text.empty() == (n == 0));
  }
  REQUIRE(contains(verdicts[6].text, "test/lazy has no attribute k"));
}

TEST_CASE("options that are unknown or make no sense are errors") {
  const auto message = [](const Options& options) {
    const Host host(options);
    return message_of(SIROCCO_INVALID_ARGUMENT, [&] { Backend backend(kTable, host); });
  };
  REQUIRE(message({{"colour", "red"}}) ==
          "unknown option colour; known are host_visible, buckets, seq_buckets, row_buckets, "
          "decline");
  REQUIRE(contains(message({{"host_visible", "perhaps"}}), "true or false"));
  for (const char* bad : {"8,4", "0", "-1", "8,,9", "x", "8 9", "99999999999"})
    REQUIRE(contains(message({{"buckets", bad}}), "ascending"));
}

TEST_CASE("buckets end at the limit or above, and other sizes are refused") {
  const Host host(Options{{"buckets", "2, 8,16"}, {"seq_buckets", "1,100"}, {"row_buckets", "4"}});
  Backend backend(kTable, host);
  const Chain chain(2);
  Program program(backend, chain.graph, {0, 10, 3, 9, 64});
  const sirocco_executable_info info = program.info();
  const auto list = [](const int64_t* sizes, size_t n) {
    return std::vector<int64_t>(sizes, sizes + n);
  };
  REQUIRE(list(info.token_buckets, info.n_token_buckets) == std::vector<int64_t>{2, 8, 16});
  REQUIRE(list(info.seq_buckets, info.n_seq_buckets) == std::vector<int64_t>{1, 100});
  REQUIRE(list(info.row_buckets, info.n_row_buckets) == std::vector<int64_t>{4, 9});
  program.set(chain.x, Doubles(16 * 4, 1));
  REQUIRE_NOTHROW(program.run(Step({{0, 2, {0}}}, 4, {}, {16, 1, 4})));
  const std::string message = message_of(SIROCCO_INVALID_ARGUMENT, [&] {
    program.run(Step({{0, 2, {0}}}, 4, {}, {3, 1, 4}));
  });
  REQUIRE(contains(message, "3 tokens are none of the buckets"));
}

TEST_CASE("memory that is not host-visible faults when the host touches it") {
  const Host host(Options{{"host_visible", "false"}});
  Backend backend(kTable, host);
  sirocco_buffer* buffer = nullptr;
  backend.check(kTable.buffer_create(backend.handle, 0, 5000, SIROCCO_MEMORY_ARENA, &buffer,
                                     backend.error()));
  void* memory = nullptr;
  REQUIRE(kTable.buffer_map(backend.handle, buffer, &memory, nullptr) == SIROCCO_UNSUPPORTED);
  sirocco_buffer* imported = nullptr;
  REQUIRE(kTable.buffer_import(backend.handle, 0, &memory, 8, &imported, nullptr) ==
          SIROCCO_UNSUPPORTED);
  const char text[] = "through the front door";
  backend.check(
      kTable.buffer_write(backend.handle, {buffer, 4090, sizeof text}, text, backend.error()));
  // The kernel answers EFAULT where a program would be stopped.
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  const std::byte* data = reinterpret_cast<sdk::DeviceMemory::Block*>(buffer)->data;
  errno = 0;
  REQUIRE(write(pipe_ends[1], data + 4090, 1) == -1);
  REQUIRE(errno == EFAULT);
  char back[sizeof text] = {};
  backend.check(
      kTable.buffer_read(backend.handle, {buffer, 4090, sizeof text}, back, backend.error()));
  REQUIRE(std::string(back) == text);
  REQUIRE(write(pipe_ends[1], data, 1) == -1);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  kTable.buffer_destroy(backend.handle, buffer);
}

TEST_CASE("spans outside their buffers never reach memory") {
  const Host host;
  Backend backend(kTable, host), stranger(kTable, host);
  sirocco_buffer *buffer = nullptr, *foreign = nullptr;
  backend.check(kTable.buffer_create(backend.handle, 0, 100, 0, &buffer, backend.error()));
  stranger.check(kTable.buffer_create(stranger.handle, 0, 100, 0, &foreign, stranger.error()));
  char bytes[200] = {};
  for (const sirocco_span& span :
       {sirocco_span{buffer, 0, 101}, sirocco_span{buffer, 101, 0}, sirocco_span{buffer, 1, 100},
        sirocco_span{buffer, UINT64_MAX, 2}, sirocco_span{nullptr, 0, 1},
        sirocco_span{foreign, 0, 1}}) {
    REQUIRE(kTable.buffer_write(backend.handle, span, bytes, nullptr) == SIROCCO_INVALID_ARGUMENT);
    REQUIRE(kTable.buffer_read(backend.handle, span, bytes, nullptr) == SIROCCO_INVALID_ARGUMENT);
  }
  REQUIRE(kTable.buffer_create(backend.handle, 0, UINT64_MAX, 0, &buffer, nullptr) ==
          SIROCCO_OUT_OF_MEMORY);
  sirocco_buffer* imported = nullptr;
  backend.check(
      kTable.buffer_import(backend.handle, 0, bytes, sizeof bytes, &imported, backend.error()));
  REQUIRE(kTable.buffer_write(backend.handle, {imported, 0, 1}, bytes, nullptr) ==
          SIROCCO_INVALID_ARGUMENT);
}

TEST_CASE("a host that binds too little, or elsewhere, is told so") {
  const Host host;
  Backend backend(kTable, host);
  const Chain chain(2);
  Program program(backend, chain.graph);
  program.set(chain.x, kData);
  REQUIRE_NOTHROW(program.run(two_tokens()));
  const std::function<void(std::vector<sirocco_span>&)> lies[] = {
      [&](auto& spans) { spans[chain.x].size -= 1; },
      [&](auto& spans) { spans[chain.x].buffer = nullptr; },
      [&](auto& spans) { spans[chain.y].size -= 1; },
      [&](auto& spans) { spans[chain.y].offset = UINT64_MAX - 8; },
      [&](auto& spans) { spans[chain.y].offset += 1; },
      [&](auto& spans) { spans.resize(1); },
      [&](auto& spans) { spans[chain.y].buffer = reinterpret_cast<sirocco_buffer*>(&backend); },
  };
  for (const auto& lie : lies) {
    program.tamper = lie;
    REQUIRE_THROWS_AS(program.execute(two_tokens()), CallError);
  }
}

TEST_CASE("what a kernel throws becomes an error with the node's path") {
  const Host host({}, 2);
  Backend backend(kTable, host);
  const auto message = [&](const std::string& op, sirocco_status status) {
    const Chain chain(1, op);
    Program program(backend, chain.graph);
    program.set(chain.x, kData);
    return message_of(status, [&] { program.run(two_tokens()); });
  };
  REQUIRE(contains(message("greedy", SIROCCO_FAILED), "test/greedy (greedy): a kernel takes more"));
  REQUIRE(message("throwing", SIROCCO_FAILED) == "test/throwing (throwing): a bug");
}

TEST_CASE("graphs that contradict themselves do not compile") {
  const Host host;
  Backend backend(kTable, host);
  const auto refused = [&](const std::function<void(Graph&)>& build) {
    Graph graph;
    build(graph);
    REQUIRE_THROWS_AS(Program(backend, graph), CallError);
  };
  const auto row = [](Graph& graph, uint32_t kind) {
    return graph.value(kind, kF32, {tokens(), constant(4)});
  };
  refused([&](Graph& graph) {  // used before it is made
    const uint32_t a = row(graph, SIROCCO_VALUE_INTERNAL), b = row(graph, SIROCCO_VALUE_OUTPUT);
    graph.node("increment", {a}, {b}, {}, "test");
  });
  refused([&](Graph& graph) {  // made twice
    const uint32_t a = row(graph, SIROCCO_VALUE_INPUT), b = row(graph, SIROCCO_VALUE_OUTPUT);
    graph.node("increment", {a}, {b}, {}, "test");
    graph.node("increment", {a}, {b}, {}, "test");
  });
  refused([&](Graph& graph) {  // writes its input
    const uint32_t a = row(graph, SIROCCO_VALUE_INPUT), b = row(graph, SIROCCO_VALUE_INPUT);
    graph.node("increment", {a}, {b}, {}, "test");
  });
  refused([&](Graph& graph) {  // shrinks as the step grows
    const uint32_t a = graph.input(kF32, {{100, -1, SIROCCO_SYM_TOKENS}, constant(4)});
    const uint32_t b = graph.output(kF32, {{100, -1, SIROCCO_SYM_TOKENS}, constant(4)});
    graph.node("increment", {a}, {b}, {}, "test");
  });
  refused([&](Graph& graph) {  // not claimed
    const uint32_t a = row(graph, SIROCCO_VALUE_INPUT), b = row(graph, SIROCCO_VALUE_OUTPUT);
    graph.node("unknown", {a}, {b}, {}, "test");
  });
  refused([&](Graph& graph) {  // too large for 64 bits
    const uint32_t a = graph.input(kF32, {constant(INT64_MAX / 2), constant(4)});
    const uint32_t c = graph.internal(kF32, {constant(INT64_MAX / 2), constant(4)});
    const uint32_t b = graph.output(kF32, {constant(INT64_MAX / 2), constant(4)});
    graph.node("increment", {a}, {c}, {}, "test");
    graph.node("increment", {c}, {b}, {}, "test");
  });
}

TEST_CASE("a timed executable knows each node's time on each thread") {
  const Host host({}, 2);
  Backend backend(kTable, host);
  const Chain chain(3);
  Program program(backend, chain.graph, {0, 64, 8, 64, 256}, SIROCCO_COMPILE_TIMED);
  program.set(chain.x, kData);
  program.run(two_tokens());
  std::vector<sirocco_node_time> times(100);
  size_t count = 0;
  backend.check(kTable.read_times(backend.handle, program.executable(), times.data(), times.size(),
                                  &count, backend.error()));
  REQUIRE(count == 6);
  for (size_t i = 0; i < count; ++i) {
    REQUIRE(times[i].node == 100 + i / 2);
    REQUIRE(times[i].thread == i % 2);
    REQUIRE(times[i].begin_ns > 0);
    REQUIRE(times[i].begin_ns <= times[i].end_ns);
  }
  backend.check(kTable.read_times(backend.handle, program.executable(), times.data(), 1, &count,
                                  backend.error()));
  REQUIRE(count == 6);

  Program untimed(backend, chain.graph);
  untimed.set(chain.x, kData);
  untimed.run(two_tokens());
  backend.check(kTable.read_times(backend.handle, untimed.executable(), times.data(), 1, &count,
                                  backend.error()));
  REQUIRE(count == 0);
}

TEST_CASE("an execute allocates nothing") {
  for (const char* visible : {"true", "false"}) {
    const Host host(Options{{"host_visible", visible}});
    Backend backend(kTable, host);
    const Chain chain(6);
    Program program(backend, chain.graph, {0, 64, 8, 64, 256}, SIROCCO_COMPILE_TIMED);
    program.set(chain.x, kData);
    const Step step = two_tokens();
    program.run(step);
    // The harness allocates too, so the call is made here with what it would bind.
    std::vector<sirocco_span> kept;
    program.tamper = [&](std::vector<sirocco_span>& spans) { kept = spans; };
    program.execute(step);
    sirocco_buffer* workspace = nullptr;
    const uint64_t bytes = program.info().workspace_bytes;
    backend.check(kTable.buffer_create(backend.handle, 0, bytes, 0, &workspace, backend.error()));
    sirocco_state_store* none = nullptr;
    const sirocco_bindings bindings{sizeof bindings, kept.data(), kept.size(),
                                    &none,           1,           {workspace, 0, bytes}};
    const sirocco_step abi{sizeof abi, step.ints().data(), {nullptr, 0, 0}, nullptr};
    for (int i = 0; i < 5; ++i) {
      const int64_t before = allocations();
      const sirocco_status status =
          kTable.execute(backend.handle, program.executable(), &bindings, &abi, nullptr);
      const int64_t during = allocations() - before;
      REQUIRE(status == SIROCCO_OK);
      REQUIRE(during == 0);
    }
    kTable.buffer_destroy(backend.handle, workspace);
  }
}

TEST_CASE("weights are used as they are mapped, or packed in rows where they must be copied") {
  const Host host, hidden_host(Options{{"host_visible", "false"}});
  Backend backend(kTable, host), hidden(kTable, hidden_host);
  sirocco_weight weight{};
  weight.struct_size = sizeof weight;
  weight.tensor.struct_size = sizeof weight.tensor;
  weight.tensor.dtype = SIROCCO_DTYPE_BF16;
  weight.tensor.rank = 2;
  weight.tensor.dims[0] = constant(6);
  weight.tensor.dims[1] = constant(5);
  sirocco_pack_plan plan{};
  plan.struct_size = sizeof plan;
  backend.check(kTable.pack_query(backend.handle, 0, &weight, &plan, backend.error()));
  REQUIRE(plan.as_mapped == 1);
  REQUIRE(plan.alignment == 2);
  hidden.check(kTable.pack_query(hidden.handle, 0, &weight, &plan, hidden.error()));
  REQUIRE(plan.as_mapped == 0);
  REQUIRE(plan.bytes == 60);
  REQUIRE(std::string(plan.layout) == "rows/1");

  sirocco_buffer* buffer = nullptr;
  hidden.check(
      kTable.buffer_create(hidden.handle, 0, 60, SIROCCO_MEMORY_WEIGHT, &buffer, hidden.error()));
  std::vector<char> source(60), back(60);
  for (size_t i = 0; i < source.size(); ++i) source[i] = static_cast<char>(i);
  const sirocco_span target{buffer, 0, 60};
  const auto pack = [&](int64_t row, int64_t n, sirocco_span span) {
    return kTable.pack(hidden.handle, 0, &weight, &plan, source.data() + row * 10, row, n, span,
                       nullptr);
  };
  REQUIRE(pack(0, 4, target) == SIROCCO_OK);
  REQUIRE(pack(4, 2, target) == SIROCCO_OK);
  hidden.check(kTable.buffer_read(hidden.handle, target, back.data(), hidden.error()));
  REQUIRE(back == source);
  REQUIRE(pack(4, 3, target) == SIROCCO_INVALID_ARGUMENT);
  REQUIRE(pack(0, 6, {buffer, 0, 59}) == SIROCCO_INVALID_ARGUMENT);
}

TEST_CASE("recurrent states: slots, copies, snapshots") {
  const Host host(Options{{"host_visible", "false"}});
  Backend backend(kTable, host);
  Graph graph;
  sirocco_state state{};
  state.kind = SIROCCO_STATE_RECURRENT;
  state.elements = 4;
  state.dtype = kF32;
  const int64_t index = graph.state(state);
  const uint32_t x = graph.input(kF32, {tokens(), constant(4)});
  const uint32_t y = graph.output(kF32, {tokens(), constant(4)});
  graph.node("sum", {x}, {y}, {graph.state_ref("state", index)}, "test");
  Program program(backend, graph);
  program.set(x, {1, 2, 3, 4});
  REQUIRE_THROWS_AS(program.run(Step({{0, 1, {2}}}, 1)), CallError);  // no store bound
  program.create_state(3, SIROCCO_STATE_RECURRENT);
  const std::vector<std::byte> zeros(16);
  backend.check(kTable.state_import(backend.handle, program.store, 2, zeros.data(), zeros.size(),
                                    backend.error()));
  const auto run = [&](int32_t slot) {
    Step step({{0, 1, {slot}}}, 1);
    step.ints()[int{SIROCCO_STEP_HEADER} + SIROCCO_STEP_GROUP_STRIDE] = 1;
    program.run(step);
    return program.get(y);
  };
  REQUIRE(run(2) == Doubles{1, 2, 3, 4});
  REQUIRE(run(2) == Doubles{2, 4, 6, 8});
  backend.check(kTable.state_snapshot(backend.handle, program.store, 2, 42, backend.error()));
  backend.check(kTable.state_copy(backend.handle, program.store, 2, 0, 0, backend.error()));
  REQUIRE(run(2) == Doubles{3, 6, 9, 12});
  REQUIRE(run(0) == Doubles{3, 6, 9, 12});
  backend.check(kTable.state_restore(backend.handle, program.store, 1, 42, backend.error()));
  REQUIRE(run(1) == Doubles{3, 6, 9, 12});
  REQUIRE(kTable.state_restore(backend.handle, program.store, 1, 7, nullptr) ==
          SIROCCO_INVALID_ARGUMENT);
  REQUIRE(kTable.state_snapshot(backend.handle, program.store, 3, 1, nullptr) ==
          SIROCCO_INVALID_ARGUMENT);
  REQUIRE(kTable.state_truncate(backend.handle, program.store, nullptr, 0, 1, nullptr) ==
          SIROCCO_UNSUPPORTED);
  REQUIRE_THROWS_AS(run(3), CallError);
}
