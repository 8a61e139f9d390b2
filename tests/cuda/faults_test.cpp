// What happens when the device has no memory left, or is lost, or there is none: a clear error, and
// nothing that stays behind.

#include "catch.hpp"

#include <cstdlib>
#include <memory>

#include "cuda/compare.hpp"

using namespace harness;
using namespace cuda_test;

namespace {

constexpr int64_t kWidth = 64;

/// y = silu(x · weightᵀ) over tokens, and attention of y over a state: one of everything that
/// fails.
struct Small {
  Graph graph;
  uint32_t x, weight, y;

  Small() {
    const Dims wide{tokens(), constant(kWidth)};
    x = graph.input(SIROCCO_DTYPE_F32, wide);
    weight = graph.weight(SIROCCO_DTYPE_F32, {constant(kWidth), constant(kWidth)});
    const uint32_t made = graph.internal(SIROCCO_DTYPE_F32, wide);
    y = graph.output(SIROCCO_DTYPE_F32, wide);
    graph.node("linear", {x, weight, SIROCCO_NONE}, {made});
    sirocco_state state{};
    state.kind = SIROCCO_STATE_PAGED;
    state.page_tokens = 16;
    state.heads = 1;
    state.k_dim = state.v_dim = kWidth;
    state.dtype = SIROCCO_DTYPE_F32;
    const int64_t index = graph.state(state);
    graph.node("attention", {made, made, made}, {y},
               {graph.state_ref("state", index), graph.null("window"), graph.null("scale")});
  }
};

/// A model on a backend of its own.
struct Rig {
  Small small;
  Host host;
  Backend backend{cuda_test::emulated(), host};
  Program program{backend, small.graph};

  Rig() {
    program.create_state(4);
    program.set(small.x, random_numbers(64 * kWidth, 1));
    program.set(small.weight, random_numbers(kWidth * kWidth, 2));
    program.create(small.y, 64 * kWidth * sizeof(float));
  }
  Doubles step(int64_t held, int64_t fresh) {
    program.execute(Step({{held, fresh, {0, 1, 2, 3}}}, 16, {0}));
    Doubles rows = program.get(small.y);
    rows.resize(static_cast<size_t>(fresh * kWidth));
    return rows;
  }
};

}  // namespace

TEST_CASE("without a driver or a device the backend says why it cannot be made", "[faults]") {
  cuda_emulation::reset(1);
  {
    const Environment none("CUDA_EMULATION_DRIVER", "none");
    const Host host;
    const auto error = error_of([&] { Backend(cuda_test::emulated(), host); });
    INFO(error.what());
    CHECK(contains(error, "cudaErrorInsufficientDriver"));
  }
  const Environment none("CUDA_EMULATION_DEVICES", "0");
  const Host host;
  const auto error = error_of([&] { Backend(cuda_test::emulated(), host); });
  INFO(error.what());
  CHECK(contains(error, "cudaErrorNoDevice"));
  CHECK(cuda_emulation::live_allocations() == 0);
}

TEST_CASE("the option devices picks devices, and refuses what there is not", "[faults]") {
  cuda_emulation::reset(1);
  const Environment three("CUDA_EMULATION_DEVICES", "3");
  const Host host(Options{{"devices", "0,2"}});
  Backend backend(cuda_test::emulated(), host);
  CHECK(backend.api.device_count(backend.handle) == 2);
  for (const char* wrong : {"7", "one", "0;1"}) {
    const Host other(Options{{"devices", wrong}});
    const auto error = error_of([&] { Backend(cuda_test::emulated(), other); });
    INFO(error.what());
    CHECK(error.status() == SIROCCO_INVALID_ARGUMENT);
    CHECK(contains(error, "devices"));
  }
}

TEST_CASE("any allocation may fail: what was asked for is said, and nothing is lost", "[faults]") {
  cuda_emulation::reset(1);
  bool failed = true;
  for (uint64_t n = 1; failed; ++n) {
    REQUIRE(n < 64);
    failed = false;
    cuda_emulation::fail_allocation(n);
    try {
      Rig rig;
      rig.step(0, 3);
    } catch (const CallError& error) {
      failed = true;
      INFO(error.what());
      CHECK(error.status() == SIROCCO_OUT_OF_MEMORY);
      CHECK(contains(error, "bytes were asked for"));
    }
    cuda_emulation::fail_allocation(0);
    CHECK(cuda_emulation::live_allocations() == 0);
  }
}

TEST_CASE("a sequence goes on after an allocation beside it failed", "[faults]") {
  cuda_emulation::reset(1);
  Rig plain;
  plain.step(0, 5);
  const Doubles expected = plain.step(5, 1);
  Rig rig;
  rig.step(0, 5);
  cuda_emulation::fail_allocation(1);
  sirocco_buffer* buffer = nullptr;
  CHECK(rig.backend.api.buffer_create(rig.backend.handle, 0, 1000, SIROCCO_MEMORY_ARENA, &buffer,
                                      rig.backend.error()) == SIROCCO_OUT_OF_MEMORY);
  cuda_emulation::fail_allocation(0);
  CHECK(rig.step(5, 1) == expected);
}

TEST_CASE("a device that is lost is said to be lost, by whatever is called next", "[faults]") {
  for (const uint64_t launches : {0, 1, 2}) {
    cuda_emulation::reset(1);
    {
      Rig rig;
      rig.step(0, 5);
      cuda_emulation::lose_device_after(launches);
      const auto error = error_of([&] { rig.step(5, 1); });
      INFO(error.what());
      CHECK(error.status() == SIROCCO_DEVICE_LOST);
      CHECK(contains(error, "cudaError"));
      CHECK(error_of([&] { rig.step(5, 1); }).status() == SIROCCO_DEVICE_LOST);
    }
    cuda_emulation::reset(1);
    CHECK(cuda_emulation::live_allocations() == 0);
  }
}

TEST_CASE("two engines of one process compute side by side and leave nothing behind", "[faults]") {
  cuda_emulation::reset(1);
  {
    Rig alone;
    alone.step(0, 5);
    const Doubles expected = alone.step(5, 1);
    auto a = std::make_unique<Rig>();
    Rig b;
    a->step(0, 5);
    b.step(0, 5);
    CHECK(a->step(5, 1) == expected);
    a.reset();
    CHECK(b.step(5, 1) == expected);
  }
  CHECK(cuda_emulation::violations().empty());
  CHECK(cuda_emulation::live_allocations() == 0);
}

TEST_CASE("a graph is not replayed with what was bound before", "[faults]") {
  cuda_emulation::reset(1);
  {
    Rig rig;
    rig.step(0, 5);
    const Doubles expected = rig.step(5, 1);
    for (int times = 0; times < 3; ++times) CHECK(rig.step(5, 1) == expected);
    rig.program.create(rig.small.y, 64 * kWidth * sizeof(float));
    for (int times = 0; times < 3; ++times) CHECK(rig.step(5, 1) == expected);
  }
  CHECK(cuda_emulation::violations().empty());
}

TEST_CASE("tokens and positions that a table does not have are refused before a launch",
          "[faults]") {
  cuda_emulation::reset(1);
  Graph graph;
  const uint32_t ids = graph.value(SIROCCO_VALUE_TOKENS, SIROCCO_DTYPE_I32, {tokens()});
  const uint32_t table = graph.weight(SIROCCO_DTYPE_F32, {constant(5), constant(8)});
  const uint32_t y = graph.output(SIROCCO_DTYPE_F32, {tokens(), constant(8)});
  graph.node("embedding", {ids, table}, {y});
  const Host host;
  Backend backend(cuda_test::emulated(), host);
  Program program(backend, graph);
  program.set(ids, Doubles(64, 0.0));
  program.set(table, random_numbers(40, 1));
  program.create(y, size_t{64} * 8 * sizeof(float));
  Step step({{0, 2, {0}}}, 16, {0});
  step.list(SIROCCO_STEP_OFF_TOKENS)[1] = 5;
  const auto error = error_of([&] { program.execute(step); });
  CHECK(error.status() == SIROCCO_INVALID_ARGUMENT);
  CHECK(contains(error, "token id 5"));
}

TEST_CASE("a timed executable says when each region ran, in order", "[faults]") {
  cuda_emulation::reset(1);
  Small small;
  const Host host;
  Backend backend(cuda_test::emulated(), host);
  Program program(backend, small.graph, {0, 64, 8, 64, 256}, SIROCCO_COMPILE_TIMED);
  program.create_state(4);
  program.set(small.x, random_numbers(64 * kWidth, 1));
  program.set(small.weight, random_numbers(kWidth * kWidth, 2));
  program.create(small.y, 64 * kWidth * sizeof(float));
  program.execute(Step({{0, 20, {0, 1, 2, 3}}}, 16, {0}));
  sirocco_node_time times[8];
  size_t count = 0;
  backend.check(backend.api.read_times(backend.handle, program.executable(), times, 8, &count,
                                       backend.error()));
  REQUIRE(count == 2);
  CHECK(times[0].node == 100);
  CHECK(times[1].node == 101);
  CHECK(times[0].begin_ns > 0);
  CHECK(times[0].begin_ns <= times[0].end_ns);
  CHECK(times[0].end_ns <= times[1].end_ns);
}
