#include <sirocco/sdk/absent_backend.hpp>

#include <string>

#include "catch.hpp"
#include "unit/sdk/backend_harness.hpp"

namespace {

constexpr sirocco::sdk::AbsentBackend kAbsent{
    .name = "gadget",
    .description = "Gadgets; built without them",
    .reason = "built without gadgets (package libgadget-dev)",
};
using Absent = sirocco::sdk::AbsentPlugin<kAbsent>;

}  // namespace

TEST_CASE("a backend built without what it needs is found, and says what that is") {
  CHECK(Absent::plugin.name == std::string("gadget"));
  CHECK(Absent::plugin.description == std::string("Gadgets; built without them"));
  CHECK(Absent::get_interface("another") == nullptr);
  const auto* api = static_cast<const sirocco_backend_interface*>(
      Absent::plugin.get_interface(SIROCCO_INTERFACE_BACKEND));
  REQUIRE(api);
  const harness::Host host;
  try {
    harness::Backend(*api, host);
    FAIL("an error was expected");
  } catch (const harness::CallError& error) {
    CHECK(error.status() == SIROCCO_UNSUPPORTED);
    CHECK(error.what() == std::string("built without gadgets (package libgadget-dev)"));
  }
}
