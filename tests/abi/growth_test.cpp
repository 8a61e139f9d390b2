// Plugins of older and newer ABIs, and hosts of older and newer ABIs.

#include <fmt/format.h>
#include <sirocco/error.hpp>
#include <thread>

#include "catch.hpp"
#include "exec/backend.hpp"
#include "folder.hpp"
#include "loader/probe.hpp"

namespace sirocco {
namespace {

std::string load_error(const std::string& name, AbiRange host) {
  try {
    Plugin::load(fault(name), host);
  } catch (const Error& e) {
    CHECK(e.kind() == ErrorKind::plugin);
    return e.what();
  }
  return "";
}

struct Counts {
  size_t struct_size;
  int (*count)();
};

}  // namespace

TEST_CASE("an older plugin: what its structs lack reads as absent") {
  const auto plugin = Plugin::load(fault("older"));
  CHECK(plugin->abi_version() == SIROCCO_ABI_VERSION_MIN);
  const auto backend = Backend::create("older", plugin, {});
  CHECK(backend->interface().create != nullptr);
  CHECK(backend->interface().read_times == nullptr);
  CHECK(backend->interface().timeline_signal == nullptr);
  const sirocco_device_info info = backend->device_info(0);
  CHECK(std::string(info.name.data, info.name.size) == "elder");
  CHECK(info.memory_bytes == 1 << 20);
  CHECK(info.alignment == 0);
  // And its end, without a `shutdown`, is no crash.
}

TEST_CASE("a newer plugin: what its structs have beyond ours is left alone") {
  const auto plugin = Plugin::load(fault("newer"));
  CHECK(plugin->abi_version() == SIROCCO_ABI_VERSION);
  CHECK(plugin->descriptor().abi_max == SIROCCO_ABI_VERSION + 6);
  const auto backend = Backend::create("newer", plugin, {});
  const sirocco_device_info info = backend->device_info(0);
  CHECK(info.struct_size == sizeof info);
  CHECK(std::string(info.name.data, info.name.size) == "descendant");
  CHECK(info.alignment == 256);
}

TEST_CASE("both kinds list their devices in the probe") {
  ProbeOptions options;
  options.devices = true;
  const Probed older = probe_plugin(fault("older"), options);
  CHECK(older.refused == "");
  REQUIRE(older.devices.size() == 1);
  CHECK(older.devices[0].name == "elder");
  CHECK(older.devices[0].kind == "cpu");
  CHECK(older.devices[0].memory_bytes == 1 << 20);
  const Probed newer = probe_plugin(fault("newer"), options);
  CHECK(newer.refused == "");
  REQUIRE(newer.devices.size() == 1);
  CHECK(newer.devices[0].name == "descendant");
  CHECK(newer.devices[0].kind == "gpu");
}

TEST_CASE("hosts of other ABIs settle on the newest common one, or refuse") {
  constexpr uint32_t kFirst = SIROCCO_ABI_VERSION_MIN, kOurs = SIROCCO_ABI_VERSION;
  // The newer plugin speaks kFirst to kOurs + 6.
  CHECK(Plugin::load(fault("newer"), {kOurs + 1, kOurs + 4})->abi_version() == kOurs + 4);
  CHECK(Plugin::load(fault("newer"), {kOurs, kOurs + 40})->abi_version() == kOurs + 6);
  CHECK(load_error("newer", {kOurs + 7, kOurs + 9}) ==
        fmt::format("{}: speaks plugin ABI {} to {}, this host {} to {}", fault("newer").string(),
                    kFirst, kOurs + 6, kOurs + 7, kOurs + 9));
  // The older one speaks kFirst only.
  CHECK(Plugin::load(fault("older"), {kFirst, kOurs + 3})->abi_version() == kFirst);
  CHECK(load_error("older", {kFirst + 1, kFirst + 3}) ==
        fmt::format("{}: speaks plugin ABI {} to {}, this host {} to {}", fault("older").string(),
                    kFirst, kFirst, kFirst + 1, kFirst + 3));
  // The one that is too new for us, met by a host of its time.
  CHECK(Plugin::load(fault("too-new"), {kFirst, kOurs + 2})->abi_version() == kOurs + 2);
}

TEST_CASE("shutdown is called once for every load") {
  const auto first = Plugin::load(fault("counts"));
  const int before = first->find_interface<Counts>("test.counts/0")->count();
  {
    const auto second = Plugin::load(fault("counts"));
    const auto shared = second;
    CHECK(first->find_interface<Counts>("test.counts/0")->count() == before);
  }
  CHECK(first->find_interface<Counts>("test.counts/0")->count() == before + 1);
}

TEST_CASE("a plugin stays mapped when its last object is gone") {
  auto plugin = Plugin::load(fault("counts"));
  const Counts* counts = plugin->find_interface<Counts>("test.counts/0");
  const int before = counts->count();
  plugin.reset();
  CHECK(counts->count() == before + 1);
}

TEST_CASE("an interface that is not offered is absent") {
  const auto plugin = Plugin::load(fault("good"));
  CHECK(plugin->find_interface<void>("sirocco.backend/0") == nullptr);
  CHECK(plugin->find_interface<void>("") == nullptr);
  CHECK_THROWS_AS(Backend::create("good", plugin, {}), Error);
}

TEST_CASE("two engines of one process load plugins at the same time") {
  const auto work = [](int* loaded) {
    for (int i = 0; i < 20; ++i) {
      const auto good = Plugin::load(fault("good"));
      const auto counts = Plugin::load(fault("counts"));
      *loaded += good->descriptor().name == std::string("good") && counts->abi_version() != 0;
    }
  };
  int first = 0, second = 0;
  std::thread other(work, &first);
  work(&second);
  other.join();
  CHECK(first == 20);
  CHECK(second == 20);
}

}  // namespace sirocco
