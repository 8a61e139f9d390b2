// Limits and devices that a deployment asks for and that cannot be had.

#include "catch.hpp"

#include <sirocco/error.hpp>

#include "golden_model.hpp"

using namespace sirocco;
using namespace sirocco::test;

TEST_CASE("limits whose slots do not fit 32 bits are refused") {
  try {
    Rig rig(kReference, "mistral-full", {}, 1 << 24);
    FAIL("was planned");
  } catch (const Error& e) {
    CHECK(e.kind() == ErrorKind::usage);
  }
}

TEST_CASE("a memory budget holds before anything is loaded") {
  try {
    Rig rig(kReference + "memory:\n  budget: 100 KiB\n");
    FAIL("was planned");
  } catch (const Error& e) {
    CHECK(e.kind() == ErrorKind::failure);
    CHECK(std::string(e.what()).find("budget is 102400;") != std::string::npos);
  }
  Rig enough(kReference + "memory:\n  budget: 1 GiB\n");
  CHECK(enough.plan().memory().total() > 102400);
}

TEST_CASE("the second device of a backend is named by its number") {
  // The reference has one device: the rule is understood, the device is what is missing.
  try {
    Rig rig(
        "sirocco: deployment/1\nbackends:\n  - name: reference\n  - name: reference\n"
        "    device: 1\nplacement:\n  - layers: 1\n    backend: \"reference:1\"\n");
    FAIL("was planned");
  } catch (const Error& e) {
    CHECK(std::string(e.what()) == "reference: no device 1; it has 1");
  }
}
