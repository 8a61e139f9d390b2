#include "catch.hpp"
#include "count_allocations.hpp"
#include "test_backend.hpp"

using namespace harness;

namespace {

constexpr sirocco_dtype kF32 = SIROCCO_DTYPE_F32;
const sirocco_backend_interface& kTable = test_backend();
const Doubles kData{1, 2, 3, 4, 5, 6, 7, 8};

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
          "decline, copy_weights");
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
