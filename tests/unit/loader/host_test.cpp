// The host's services, as a plugin sees them.

#include "loader/host.hpp"

#include <cstdint>
#include <cstring>
#include <limits>

#include "catch.hpp"
#include "exec/team.hpp"

namespace sirocco {
namespace {

template <class Service>
const Service* service(const Host& host, const char* id) {
  const auto* found = static_cast<const Service*>(host.get()->get_service(host.get(), id));
  if (found) CHECK(found->struct_size == sizeof(Service));
  return found;
}

std::string text(sirocco_string string) {
  return {string.data, string.size};
}

}  // namespace

TEST_CASE("the host's own struct") {
  const Host host({.abi_version = 7});
  CHECK(host.get()->struct_size == sizeof(sirocco_host));
  CHECK(host.get()->abi_version == 7);
}

TEST_CASE("services that are not offered are NULL") {
  const Host host({});
  for (const char* id :
       {"", "sirocco.log/1", "sirocco.log", SIROCCO_SERVICE_SUBMIT_MODEL, SIROCCO_SERVICE_TEAM})
    CHECK(host.get()->get_service(host.get(), id) == nullptr);
}

TEST_CASE("log messages arrive with their level") {
  int32_t level = -1;
  std::string message;
  const Host host({.log = [&](int32_t given, std::string_view words) {
    level = given;
    message = words;
  }});
  const auto* log = service<sirocco_log_service>(host, SIROCCO_SERVICE_LOG);
  REQUIRE(log);
  log->write(host.get()->ctx, SIROCCO_LOG_WARNING, {"hot, indeed", 3});
  CHECK(level == SIROCCO_LOG_WARNING);
  CHECK(message == "hot");
}

TEST_CASE("profiler ranges arrive, or go nowhere") {
  std::string name;
  uint64_t end = 0;
  const Host host({.range = [&](std::string_view words, uint32_t, uint64_t, uint64_t end_ns) {
    name = words;
    end = end_ns;
  }});
  const auto* profiler = service<sirocco_profiler_service>(host, SIROCCO_SERVICE_PROFILER);
  REQUIRE(profiler);
  profiler->range(host.get()->ctx, {"layer", 5}, 1, 10, 20);
  CHECK(name == "layer");
  CHECK(end == 20);
  const Host deaf({});
  service<sirocco_profiler_service>(deaf, SIROCCO_SERVICE_PROFILER)
      ->range(deaf.get()->ctx, {"layer", 5}, 1, 10, 20);
}

TEST_CASE("memory is aligned, counted and given back") {
  Host host({});
  const auto* memory = service<sirocco_allocate_service>(host, SIROCCO_SERVICE_ALLOCATE);
  REQUIRE(memory);
  void* ctx = host.get()->ctx;
  for (const size_t alignment : {1u, 2u, 16u, 64u, 4096u}) {
    void* block = memory->allocate(ctx, 100, alignment);
    REQUIRE(block);
    CHECK(reinterpret_cast<uintptr_t>(block) % alignment == 0);
    std::memset(block, 1, 100);
    CHECK(host.allocated_bytes() == 100);
    memory->release(ctx, block, 100, alignment);
    CHECK(host.allocated_bytes() == 0);
  }
  void* nothing = memory->allocate(ctx, 0, 64);
  CHECK(nothing);
  memory->release(ctx, nothing, 0, 64);
  memory->release(ctx, nullptr, 100, 64);
  CHECK(host.allocated_bytes() == 0);
}

TEST_CASE("the memory budget holds") {
  Host host({.memory_budget = 1000});
  const auto* memory = service<sirocco_allocate_service>(host, SIROCCO_SERVICE_ALLOCATE);
  void* ctx = host.get()->ctx;
  void* first = memory->allocate(ctx, 900, 64);
  REQUIRE(first);
  CHECK(memory->allocate(ctx, 101, 64) == nullptr);
  CHECK(host.allocated_bytes() == 900);
  void* second = memory->allocate(ctx, 100, 64);
  CHECK(second);
  memory->release(ctx, first, 900, 64);
  memory->release(ctx, second, 100, 64);
  CHECK(host.allocated_bytes() == 0);
}

TEST_CASE("impossible requests for memory are answered with NULL") {
  Host host({});
  const auto* memory = service<sirocco_allocate_service>(host, SIROCCO_SERVICE_ALLOCATE);
  void* ctx = host.get()->ctx;
  constexpr size_t kMax = std::numeric_limits<size_t>::max();
  CHECK(memory->allocate(ctx, 100, 0) == nullptr);
  CHECK(memory->allocate(ctx, 100, 48) == nullptr);
  CHECK(memory->allocate(ctx, kMax, 64) == nullptr);
  CHECK(memory->allocate(ctx, kMax - 2, 1) == nullptr);
  CHECK(memory->allocate(ctx, kMax / 2, 4096) == nullptr);
  CHECK(memory->allocate(ctx, 100, size_t{1} << 63) == nullptr);
  CHECK(host.allocated_bytes() == 0);
}

TEST_CASE("the plugin's path and options") {
  const Host host({.plugin_path = "/x/y.so", .options = {{"threads", "4"}, {"empty", ""}}});
  void* ctx = host.get()->ctx;
  const auto* path = service<sirocco_plugin_path_service>(host, SIROCCO_SERVICE_PLUGIN_PATH);
  REQUIRE(path);
  CHECK(text(path->path(ctx)) == "/x/y.so");
  const auto* options = service<sirocco_options_service>(host, SIROCCO_SERVICE_OPTIONS);
  REQUIRE(options);
  REQUIRE(options->count(ctx) == 2);
  CHECK(text(options->at(ctx, 0).key) == "threads");
  CHECK(text(options->at(ctx, 0).value) == "4");
  CHECK(text(options->at(ctx, 1).value).empty());
  CHECK(options->at(ctx, 2).key.size == 0);
}

TEST_CASE("dequantise names the scheme it does not know") {
  const Host host({});
  const auto* dequantise = service<sirocco_dequantise_service>(host, SIROCCO_SERVICE_DEQUANTISE);
  REQUIRE(dequantise);
  sirocco_quant scheme{};
  scheme.struct_size = sizeof scheme;
  scheme.scheme = {"q9_z", 4};
  sirocco_error error{};
  error.struct_size = sizeof error;
  float out = 0;
  CHECK(dequantise->blocks(host.get()->ctx, &scheme, "", 1, &out, &error) == SIROCCO_UNSUPPORTED);
  CHECK(std::string(error.message).find("'q9_z'") != std::string::npos);
  CHECK(dequantise->blocks(host.get()->ctx, &scheme, "", 1, &out, nullptr) == SIROCCO_UNSUPPORTED);
}

TEST_CASE("the team service runs on the team") {
  Team team(3);
  const Host host({.team = &team});
  const auto* service_ = service<sirocco_team_service>(host, SIROCCO_SERVICE_TEAM);
  REQUIRE(service_);
  struct Region {
    const sirocco_team_service* service;
    void* ctx;
    uint32_t seen[3];
    bool all_seen[3];
  } region{service_, host.get()->ctx, {}, {}};
  CHECK(service_->size(host.get()->ctx) == 3);
  service_->run(
      host.get()->ctx,
      [](void* arg, uint32_t thread, uint32_t n_threads) {
        auto& shared = *static_cast<Region*>(arg);
        shared.seen[thread] = n_threads;
        shared.service->barrier(shared.ctx, thread);
        shared.all_seen[thread] = shared.seen[0] == 3 && shared.seen[1] == 3 && shared.seen[2] == 3;
      },
      &region);
  for (const bool all : region.all_seen) CHECK(all);
}

}  // namespace sirocco
