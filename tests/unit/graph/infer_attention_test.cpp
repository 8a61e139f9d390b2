#include <cmath>

#include "catch.hpp"
#include "graph_builders.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

/// Two key heads of 4, value heads of 3, in a group of the given window.
struct Fixture {
  std::vector<StateMember> states{
      {.name = "kv[0]", .group = 0, .heads = 2, .k_dim = 4, .v_dim = 3}};
  std::vector<StateGroup> groups{{.name = "kv", .window = 0}};
  std::vector<TensorType> inputs{f32({kT, c(24)}), f32({kT, c(8)}), f32({kT, c(6)})};

  std::vector<TensorType> types(std::vector<Attr> attrs = {}) const {
    attrs.push_back({"state", StateRef{0}});
    return infer(builtin("attention"), inputs, attrs, states, groups);
  }
  void says(const std::string& part, std::vector<Attr> attrs = {}) const {
    const std::string message = error_of(ErrorKind::invalid_file, [&] { types(std::move(attrs)); });
    INFO(message);
    CHECK(message.find(part) != std::string::npos);
  }
};

}  // namespace

TEST_CASE("attention's output has a value for every query head") {
  CHECK(Fixture{}.types().at(0).to_string() == "f32 [T, 18]");
  CHECK(Fixture{}.types({{"scale", 0.5}}).at(0).to_string() == "f32 [T, 18]");
  CHECK(Fixture{}.types({{"window", int64_t{3}}}).at(0).to_string() == "f32 [T, 18]");
}

TEST_CASE("attention's window fits the state's") {
  Fixture fixture;
  fixture.groups[0].window = 16;
  CHECK(fixture.types({{"window", int64_t{16}}}).size() == 1);
  CHECK(fixture.types({{"window", int64_t{3}}}).size() == 1);
  fixture.says("state kv[0] keeps 16 positions, fewer than a window of 17",
               {{"window", int64_t{17}}});
  fixture.says("fewer than a window of null (all)");
  fixture.says("window must be above 0", {{"window", int64_t{0}}});
  fixture.says("window must be above 0", {{"window", int64_t{-4}}});
  fixture.groups.clear();  // not known yet: any window may be right
  CHECK(fixture.types({{"window", int64_t{17}}}).size() == 1);
}

TEST_CASE("attention's shapes fit the state's") {
  const auto with = [](size_t index, TensorType type) {
    Fixture fixture;
    fixture.inputs[index] = std::move(type);
    return fixture;
  };
  with(0, f32({kT, c(12)})).says("rows of q must hold a multiple of the 2 heads of state kv[0]");
  with(1, f32({kT, c(12)})).says("rows of k must hold the 2 heads of state kv[0], 4 elements each");
  with(2, f32({kT, c(8)})).says("rows of v must hold the 2 heads of state kv[0], 3 elements each");
  with(1, bf16({kT, c(8)})).says("q, k and v must have one dtype");
  with(0, i32({kT, c(24)})).says("q must be a float tensor");
  with(0, f32({kR, c(24)})).says("one row for every token of the step (T), not R");
  with(2, f32({kT, c(2), c(3)})).says("v must have 2 dimensions");
  with(0, f32({kT, kT})).says("depends on the step");
}

TEST_CASE("attention's state is checked") {
  Fixture recurrent;
  recurrent.groups[0].kind = SIROCCO_STATE_RECURRENT;
  recurrent.says("is not paged");
  Fixture absent;
  absent.states.clear();
  absent.says("names no state");
  Fixture empty;
  empty.states[0].v_dim = 0;
  empty.says("holds no keys and values");
  Fixture huge;
  huge.states[0].heads = INT64_MAX;
  huge.says("overflow");
  Fixture{}.says("scale must be finite", {{"scale", INFINITY}});
}

TEST_CASE("attention without a state is refused") {
  const Fixture fixture;
  CHECK(error_of(ErrorKind::invalid_file, [&] {
          infer(builtin("attention"), fixture.inputs, {}, fixture.states, fixture.groups);
        }).find("attribute state") != std::string::npos);
}
