// A backend that contradicts its contract is refused by name, or not believed; the host survives.

#include "catch.hpp"

#include <sirocco/error.hpp>

#include "golden_model.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

std::string lying_deployment(const std::string& lie) {
  return "sirocco: deployment/1\n"
         "plugins:\n"
         "  paths:\n"
         "    - " +
         (build_dir() / "tests/plugins").string() +
         "\n"
         "backends:\n"
         "  - name: faulty\n"
         "    options:\n"
         "      target: " +
         (build_dir() / "lib/sirocco/plugins/reference.so").string() +
         "\n"
         "      lie: " +
         lie + "\n";
}

/// What planning and loading a model on the backend ends with.
std::string complaint(const std::string& lie) {
  try {
    Rig(lying_deployment(lie)).executor();
  } catch (const Error& e) {
    CHECK(e.kind() == ErrorKind::plugin);
    return e.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("claims about nodes that do not exist change nothing") {
  Rig plain(kReference), lying(lying_deployment("claims"));
  const auto tokens = some_tokens(10);
  CHECK(lying.run(lying.executor().open(), tokens) == plain.run(plain.executor().open(), tokens));
}

TEST_CASE("buckets that are no buckets are refused") {
  for (const std::string lie : {"null-buckets", "falling-buckets", "huge-bucket"}) {
    CHECK(complaint(lie) ==
          "faulty: its token buckets are not ascending sizes between 1 and 16777216");
  }
}

TEST_CASE("buckets that grow with every limit come to an end") {
  CHECK(complaint("growing-buckets") ==
        "the backends' buckets grow with every limit they are given");
}

TEST_CASE("a backend that only lists its devices is refused when it is to run") {
  const auto file = build_dir() / "tests/faults/older.so";
  try {
    Rig rig("sirocco: deployment/1\nplugins:\n  paths: [" + file.string() +
            "]\nbackends:\n  - name: older\n");
    FAIL("was planned");
  } catch (const Error& e) {
    CHECK(std::string(e.what()) ==
          "older: its sirocco.backend/0 lacks buffer_create, without which nothing can run");
  }
}

TEST_CASE("host-visible memory that is nowhere is refused") {
  CHECK(complaint("no-map") == "faulty: buffer_map: the backend does not offer this");
}

TEST_CASE("a device whose work nobody would wait for is refused") {
  CHECK(complaint("asynchronous").starts_with("faulty: device 0 only works through queues"));
}
