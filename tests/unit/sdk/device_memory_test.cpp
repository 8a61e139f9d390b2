#include <unistd.h>

#include <cerrno>

#include "catch.hpp"
#include "test_backend.hpp"

#include <sirocco/sdk/device_memory.hpp>

using namespace harness;

namespace sdk = sirocco::sdk;

namespace {

constexpr sirocco_dtype kF32 = SIROCCO_DTYPE_F32;
const sirocco_backend_interface& kTable = test_backend();
const Doubles kData{1, 2, 3, 4, 5, 6, 7, 8};

}  // namespace

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

TEST_CASE("a device tells what it holds and what it held at most; imported memory is not its own") {
  const Host host;
  Backend backend(kTable, host);
  const auto use = [&] {
    sirocco_memory_use found{};
    found.struct_size = sizeof found;
    backend.check(kTable.memory_use(backend.handle, 0, &found, backend.error()));
    return std::pair(found.bytes, found.peak_bytes);
  };
  CHECK(use() == std::pair(uint64_t{0}, uint64_t{0}));
  sirocco_buffer *first = nullptr, *second = nullptr, *imported = nullptr;
  backend.check(kTable.buffer_create(backend.handle, 0, 5000, 0, &first, backend.error()));
  backend.check(kTable.buffer_create(backend.handle, 0, 300, 0, &second, backend.error()));
  backend.check(kTable.buffer_import(backend.handle, 0, &host, 8, &imported, backend.error()));
  CHECK(use() == std::pair(uint64_t{5300}, uint64_t{5300}));
  kTable.buffer_destroy(backend.handle, first);
  kTable.buffer_destroy(backend.handle, imported);
  CHECK(use() == std::pair(uint64_t{300}, uint64_t{5300}));
  CHECK(kTable.buffer_create(backend.handle, 0, UINT64_MAX, 0, &first, nullptr) ==
        SIROCCO_OUT_OF_MEMORY);
  CHECK(use() == std::pair(uint64_t{300}, uint64_t{5300}));
  kTable.buffer_destroy(backend.handle, second);
  CHECK(use() == std::pair(uint64_t{0}, uint64_t{5300}));
  sirocco_memory_use found{};
  found.struct_size = sizeof found;
  CHECK(kTable.memory_use(backend.handle, 1, &found, nullptr) == SIROCCO_INVALID_ARGUMENT);
}
