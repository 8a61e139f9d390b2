// The plugin's half of the negotiation, as the SDK writes it for every plugin.

#include <sirocco/sdk/plugin.hpp>

#include "catch.hpp"
#include "loader/host.hpp"

namespace sirocco {
namespace {

sirocco_plugin plugin_of(uint32_t low, uint32_t high) {
  sirocco_plugin plugin{};
  plugin.struct_size = sizeof plugin;
  plugin.abi_min = low;
  plugin.abi_max = high;
  plugin.name = "mine";
  return plugin;
}

}  // namespace

TEST_CASE("two ranges that meet anywhere are enough") {
  const sirocco_plugin plugin = plugin_of(3, 5);
  const auto [low, high] =
      GENERATE(table<uint32_t, uint32_t>({{3, 5}, {1, 3}, {5, 9}, {4, 4}, {1, 9}, {3, 3}, {5, 5}}));
  CAPTURE(low, high);
  CHECK(sdk::negotiate(plugin, low, high, nullptr) == &plugin);
}

TEST_CASE("ranges that do not meet are refused, and the log says why") {
  const sirocco_plugin plugin = plugin_of(3, 5);
  std::string logged;
  int32_t level = 0;
  const Host host({.log = [&](int32_t given, std::string_view message) {
    level = given;
    logged = message;
  }});
  CHECK(sdk::negotiate(plugin, 6, 9, host.get()) == nullptr);
  CHECK(logged == "mine speaks plugin ABI 3 to 5, the host 6 to 9");
  CHECK(level == SIROCCO_LOG_ERROR);
  CHECK(sdk::negotiate(plugin, 0, 2, host.get()) == nullptr);
  CHECK(logged == "mine speaks plugin ABI 3 to 5, the host 0 to 2");
  // A host without a log, or without services at all, is no reason to crash.
  CHECK(sdk::negotiate(plugin, 6, 9, nullptr) == nullptr);
  const sirocco_host bare{};
  CHECK(sdk::negotiate(plugin, 6, 9, &bare) == nullptr);
}

TEST_CASE("members behind struct_size are absent") {
  sirocco_team_service team{};
  team.struct_size = sizeof team;
  CHECK(sdk::has_member(&team, &sirocco_team_service::size));
  CHECK(sdk::has_member(&team, &sirocco_team_service::barrier));
  team.struct_size = offsetof(sirocco_team_service, barrier);
  CHECK(sdk::has_member(&team, &sirocco_team_service::run));
  CHECK_FALSE(sdk::has_member(&team, &sirocco_team_service::barrier));
  team.struct_size = offsetof(sirocco_team_service, barrier) + 1;
  CHECK_FALSE(sdk::has_member(&team, &sirocco_team_service::barrier));
}

TEST_CASE("no exception leaves a guarded body") {
  sirocco_error error{};
  error.struct_size = sizeof error;
  CHECK(sdk::guarded(&error, [] {}) == SIROCCO_OK);
  CHECK(sdk::guarded(&error, [] { throw sdk::StatusError(SIROCCO_IO, "torn"); }) == SIROCCO_IO);
  CHECK(std::string(error.message) == "torn");
  CHECK(sdk::guarded(&error, [] { throw std::bad_alloc(); }) == SIROCCO_OUT_OF_MEMORY);
  CHECK(sdk::guarded(&error, [] { throw std::logic_error("wrong"); }) == SIROCCO_FAILED);
  CHECK(std::string(error.message) == "wrong");
  CHECK(sdk::guarded(nullptr, [] { throw 7; }) == SIROCCO_FAILED);
  const std::string endless(5000, 'x');
  CHECK(sdk::guarded(&error, [&] { throw std::runtime_error(endless); }) == SIROCCO_FAILED);
  CHECK(std::strlen(error.message) == sizeof error.message - 1);
}

}  // namespace sirocco
