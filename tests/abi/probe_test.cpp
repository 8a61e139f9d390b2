// Every way in which a file can be no plugin has its exact reason, and none harms the host.

#include "loader/probe.hpp"

#include <fmt/format.h>
#include <sirocco/abi/plugin.h>

#include "catch.hpp"
#include "folder.hpp"

namespace sirocco {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

const std::string kThisHost =
    fmt::format("this host {} to {}", SIROCCO_ABI_VERSION_MIN, SIROCCO_ABI_VERSION);
const std::string kDescriptorSize = std::to_string(offsetof(sirocco_plugin, get_interface));
const std::string kLeastSize =
    std::to_string(offsetof(sirocco_plugin, get_interface) + sizeof(void*));

std::string refusal(const std::filesystem::path& file) {
  return probe_plugin(file, {}).refused;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a plugin without fault is described") {
  const Probed probed = probe_plugin(fault("good"), {});
  CHECK(probed.refused == "");
  CHECK(probed.name == "good");
  CHECK(probed.version == "1.0");
  CHECK(probed.vendor == "Sirocco tests");
  CHECK(probed.licence == "Apache-2.0");
  CHECK(probed.description == "synthetic");
  CHECK(probed.abi_min == SIROCCO_ABI_VERSION_MIN);
  CHECK(probed.abi_max == SIROCCO_ABI_VERSION);
  CHECK(probed.interfaces.empty());
  CHECK(probed.devices.empty());
}

TEST_CASE("exact reasons of refusal") {
  const auto [name, reason] = GENERATE_COPY(table<std::string, std::string>({
      {"crash-at-load", "crashed with SIGSEGV while being probed"},
      {"crash-in-query", "crashed with SIGSEGV while being probed"},
      {"abort-in-query", "crashed with SIGABRT while being probed"},
      {"exit-in-query", "ended the process with exit code 0 while being probed"},
      {"exports-nothing", "exports no sirocco_plugin_query"},
      {"throws-in-query", "threw from its query: no licence on this machine"},
      {"throws-int", "threw from its query"},
      {"null-descriptor", "answered the query with nothing"},
      {"short-descriptor",
       "its descriptor is " + kDescriptorSize + " bytes long, " + kLeastSize + " are needed"},
      {"empty-name", "its name '' is not made of a-z, 0-9 and '-'"},
      {"bad-name", "its name 'Bad Name' is not made of a-z, 0-9 and '-'"},
      {"null-vendor", "its descriptor lacks a name, version, vendor, licence or description"},
      {"null-get-interface", "its descriptor lacks get_interface"},
      {"answers-everyone", fmt::format("speaks plugin ABI {} to {}, {}", SIROCCO_ABI_VERSION + 1,
                                       SIROCCO_ABI_VERSION + 2, kThisHost)},
      {"inverted-range", fmt::format("speaks plugin ABI {} to {}, {}", SIROCCO_ABI_VERSION,
                                     SIROCCO_ABI_VERSION - 1, kThisHost)},
      {"too-old",
       fmt::format("too-old speaks plugin ABI 0 to {}, the host {} to {}",
                   SIROCCO_ABI_VERSION_MIN - 1, SIROCCO_ABI_VERSION_MIN, SIROCCO_ABI_VERSION)},
      {"too-new",
       fmt::format("too-new speaks plugin ABI {} to {}, the host {} to {}", SIROCCO_ABI_VERSION + 1,
                   SIROCCO_ABI_VERSION + 8, SIROCCO_ABI_VERSION_MIN, SIROCCO_ABI_VERSION)},
      {"long-description", "describes itself in more than 1048576 bytes"},
      {"bad-ops", "plugin bad-ops, op twice: the domain 'sirocco' is the host's"},
  }));
  CAPTURE(name);
  CHECK(refusal(fault(name)) == reason);
}

TEST_CASE("reasons that the system's loader gives") {
  const auto [name, part] = GENERATE(table<std::string, std::string>({
      {"missing-library", "libabsent_library.so: cannot open shared object file"},
      {"undefined-symbol", "undefined symbol: sirocco_synthetic_nowhere"},
  }));
  const std::string reason = refusal(fault(name));
  CAPTURE(name, reason);
  CHECK(reason.rfind("cannot be loaded: ", 0) == 0);
  CHECK(contains(reason, part));
}

TEST_CASE("files that are no shared objects") {
  const Folder folder;
  CHECK(contains(refusal(folder.write("text.so", std::string(200, 'x'))), "invalid ELF header"));
  CHECK(contains(refusal(folder.write("empty.so", "")), "file too short"));
  const auto cut = folder.copy("good", "cut.so");
  std::filesystem::resize_file(cut, 100);
  CHECK(contains(refusal(cut), "cannot be loaded: "));
  std::filesystem::create_directory(folder / "folder.so");
  CHECK(contains(refusal(folder / "folder.so"), "cannot be loaded: "));
}

TEST_CASE("a plugin cut in the middle of its code is refused, whatever it does") {
  const Folder folder;
  const auto cut = folder.copy("good", "cut.so");
  const auto size = std::filesystem::file_size(cut);
  for (const auto eighths : {1u, 2u, 4u, 6u}) {
    std::filesystem::resize_file(cut, size);
    std::filesystem::copy_file(fault("good"), cut,
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(cut, size * eighths / 8);
    CAPTURE(eighths);
    // Either the loader says no, or the bytes that are absent are never needed.
    const Probed probed = probe_plugin(cut, {});
    CHECK((!probed.refused.empty() || probed.name == "good"));
  }
}

TEST_CASE("a plugin that hangs is given up") {
  ProbeOptions options;
  options.timeout_ms = 300;
  CHECK(probe_plugin(fault("hang-in-query"), options).refused == "did not answer within 300 ms");
  const Variable variable("SIROCCO_PROBE_TIMEOUT_MS", "1000");
  CHECK(probe_plugin(fault("hang-in-query"), options).refused == "did not answer within 1 s");
}

TEST_CASE("what a plugin prints does not disturb its description") {
  const Probed probed = probe_plugin(fault("prints"), {});
  CHECK(probed.refused == "");
  CHECK(probed.name == "prints");
}

TEST_CASE("a process that a plugin leaves behind does not hold up the host") {
  const Probed probed = probe_plugin(fault("leaves-process"), {});
  CHECK(probed.refused == "");
  CHECK(probed.name == "leaves-process");
}

TEST_CASE("a plugin that takes all memory finds a limit") {
  if (kSanitized) return;  // the sanitizers' allocators end the process themselves
  CHECK(refusal(fault("takes-all-memory")) == "threw from its query: std::bad_alloc");
}

TEST_CASE("interfaces and ops are listed") {
  const Probed probed = probe_plugin(fault("brings-op"), {});
  CHECK(probed.refused == "");
  CHECK(probed.interfaces == std::vector<std::string>{"sirocco.ops/0"});
  CHECK(probed.ops == std::vector<std::string>{"synthetic.twice"});
}

TEST_CASE("devices are listed on request only") {
  ProbeOptions with_devices;
  with_devices.devices = true;
  CHECK(refusal(fault("backend-crashes")) == "");
  CHECK(probe_plugin(fault("backend-crashes"), with_devices).refused ==
        "crashed with SIGSEGV while being probed");

  const Probed fails = probe_plugin(fault("backend-fails"), with_devices);
  CHECK(fails.refused == "");
  CHECK(fails.devices.empty());
  CHECK(contains(fails.devices_error, "no device on this bus"));

  const Probed brief = probe_plugin(fault("backend-short"), with_devices);
  CHECK(contains(brief.devices_error, "too short to execute anything"));
}

}  // namespace sirocco
