#include "compare/report_access.hpp"
#include "catch.hpp"

using namespace sirocco;
using Json = nlohmann::ordered_json;

TEST_CASE("a path that leads nowhere is null, through whatever it passes") {
  const Json report = {{"a", {{"b", 1}}}, {"text", "b"}, {"list", {1, 2}}};
  CHECK(at_path(report, {"a", "b"}) == 1);
  CHECK(at_path(report, {}) == report);
  CHECK(at_path(report, {"a", "c"}).is_null());
  CHECK(at_path(report, {"a", "b", "c"}).is_null());
  CHECK(at_path(report, {"text", "b"}).is_null());
  CHECK(at_path(report, {"list", "0"}).is_null());
  CHECK(at_path(Json(), {"a"}).is_null());
}

TEST_CASE("an entry is found by a member, in what is a list of objects") {
  const Json list = {{{"arm", "x"}, {"n", 1}}, 7, {{"arm", "y"}, {"n", 2}}, {{"n", 3}}};
  REQUIRE(find_entry(list, "arm", "y"));
  CHECK((*find_entry(list, "arm", "y"))["n"] == 2);
  CHECK_FALSE(find_entry(list, "arm", "z"));
  CHECK_FALSE(find_entry(Json("text"), "arm", "y"));
  CHECK_FALSE(find_entry(Json(), "arm", "y"));
}
