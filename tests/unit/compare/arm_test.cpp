#include "compare/arm.hpp"

#include "catch.hpp"

#include <sirocco/error.hpp>

using namespace sirocco;

namespace {

std::string complaint(const std::vector<std::string>& texts) {
  try {
    parse_arms(texts);
  } catch (const Error& e) {
    CHECK(e.kind() == ErrorKind::usage);
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("an arm is backends, a file or a deployment") {
  const auto arms = parse_arms({"one", "x/new.so:lanes=8", "a+b:1+c", "fast.yaml", "fast.yml"});
  REQUIRE(arms.size() == 5);
  CHECK(arms[0].label == "one");
  CHECK(arms[0].backends == std::vector<std::string>{"one"});
  CHECK(arms[1].backends == std::vector<std::string>{"x/new.so:lanes=8"});
  CHECK(arms[2].label == "a+b:1+c");
  CHECK(arms[2].backends == std::vector<std::string>{"a", "b:1", "c"});
  CHECK(arms[3].deployment == "fast.yaml");
  CHECK(arms[3].backends.empty());
  CHECK(arms[4].deployment == "fast.yml");
}

TEST_CASE("arms that are none are refused") {
  CHECK(complaint({}).find("nothing to compare") != std::string::npos);
  CHECK(complaint({"a", "b", "a"}).find("'a' twice") != std::string::npos);
  for (const std::string text : {"", "+", "a+", "+a", "a:", "a:x", "a:k=1:k=2"}) {
    INFO(text);
    CHECK(complaint({text}) != "");
  }
}

TEST_CASE("a backend beside itself with an option is another arm") {
  CHECK(parse_arms({"a", "a:x=1"}).size() == 2);
}

TEST_CASE("an arm's process gets the flags of all and its own") {
  CompareSetup setup;
  setup.model = "model";
  setup.flags = {"--threads", "2"};
  const auto arms = parse_arms({"a+b", "d.yaml"});
  CHECK(arm_arguments(setup, arms[0], "speed") ==
        std::vector<std::string>{"arm", "speed", "model", "--threads", "2", "--backend", "a",
                                 "--backend", "b", "--fallback", "forbid"});
  // What falls back where is the deployment's to say.
  CHECK(arm_flags(setup, arms[1]) ==
        std::vector<std::string>{"--threads", "2", "--deployment", "d.yaml"});
}

TEST_CASE("an arm's first state stays, and its problems add up") {
  ArmState state;
  state.fail("one");
  state.fail("two");
  state.stop();
  CHECK(state.status == "failed");
  CHECK(state.problem == "one; two");
  ArmState stopped;
  stopped.stop();
  CHECK(stopped.status == "stopped");
}
