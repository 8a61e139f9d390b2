// Looking at what the parts of a step make, and putting something else in its place.

#include "catch.hpp"

#include <cstring>
#include <map>
#include <set>

#include "compare/recording.hpp"
#include "golden_model.hpp"
#include "graph/tensor_type.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

ModelOptions separate() {
  ModelOptions options;
  options.separate = true;
  return options;
}

using Bytes = std::vector<std::byte>;

/// Every value that a step of these tokens makes, by name.
std::map<std::string, Bytes> made_values(Rig& rig, const std::vector<int32_t>& tokens) {
  std::map<std::string, Bytes> found;
  Executor& executor = rig.executor();
  const Plan& plan = rig.plan();
  executor.watch([&](size_t part) {
    for_each_made(plan, part, [&](ValueId value) {
      const auto made = executor.made(part, value);
      found[plan.graph().values[value].name] = Bytes(made.begin(), made.end());
    });
  });
  rig.run(executor.open(), tokens);
  executor.watch({});
  return found;
}

}  // namespace

TEST_CASE("apart, every claimed node is a part, and the logits are the same") {
  Rig plain(kReference), apart(kReference, "mistral-swa", separate());
  CHECK(plain.plan().parts().size() == 1);
  CHECK(apart.plan().parts().size() == apart.plan().graph().nodes.size());
  const auto tokens = some_tokens(20);
  CHECK(apart.run(apart.executor().open(), tokens) == plain.run(plain.executor().open(), tokens));
}

TEST_CASE("a watch sees every value there is, at the step's sizes, and those that were observed") {
  Rig rig(kReference, "mistral-swa", separate());
  const auto tokens = some_tokens(7);
  const auto made = made_values(rig, tokens);
  size_t n_values = 0;
  for (const Value& value : rig.plan().graph().values) n_values += value.producer != kNone;
  CHECK(made.size() == n_values);
  ModelOptions options;
  options.observe = {"layers.1/h"};
  Rig observed(kReference, "mistral-swa", options);
  observed.run(observed.executor().open(), tokens);
  const OutputView& view = observed.executor().output(1);
  const Bytes& bytes = made.at("layers.1/h");
  REQUIRE(bytes.size() == tokens.size() * 128 * sizeof(float));
  CHECK(std::memcmp(view.data, bytes.data(), bytes.size()) == 0);
}

TEST_CASE("nobody is told once the watch is gone") {
  Rig rig(kReference, "mistral-swa", separate());
  const auto tokens = some_tokens(3);
  size_t told = 0;
  rig.executor().watch([&](size_t) { ++told; });
  rig.run(rig.executor().open(), tokens);
  CHECK(told == rig.plan().parts().size());
  rig.executor().watch({});
  rig.run(rig.executor().open(), tokens);
  CHECK(told == rig.plan().parts().size());
}

TEST_CASE("what is put in a value's place is what later parts read") {
  Rig rig(kReference, "mistral-swa", separate(), 4);
  const auto tokens = some_tokens(6), others = some_tokens(6, 2);
  const auto wanted = rig.run(rig.executor().open(), others);
  const auto made = made_values(rig, others);
  // The embedding of the other tokens in place of these tokens' makes all the rest the others'.
  Executor& executor = rig.executor();
  const ValueId h = rig.plan().graph().find_value("h");
  executor.watch([&](size_t part) {
    for_each_made(rig.plan(), part, [&](ValueId value) {
      if (value == h) executor.replace(part, value, made.at("h"));
    });
  });
  const auto got = rig.run(executor.open(), tokens);
  executor.watch({});
  CHECK(got == wanted);
  CHECK(rig.run(executor.open(), tokens) != wanted);
}

TEST_CASE("a recording holds what the steps made, and refuses to be anything else") {
  Rig rig(kReference, "mistral-swa", separate());
  TemporaryFolder folder;
  const DriftTokens tokens{some_tokens(7), 5};
  record(rig.executor(), tokens, folder.path() / "recording");
  const Recording recording(folder.path() / "recording");
  CHECK(recording.tokens().ids == tokens.ids);
  CHECK(recording.tokens().n_steps() == 3);
  REQUIRE(recording.find(0, "h"));
  CHECK(recording.find(0, "h")->bytes.size() == 5 * 128 * sizeof(float));
  CHECK(recording.find(2, "h")->bytes.size() == 128 * sizeof(float));
  CHECK(!recording.find(3, "h"));
  CHECK(!recording.find(0, "nothing"));
  const auto made = made_values(rig, {tokens.ids.begin(), tokens.ids.begin() + 5});
  const auto logits = recording.find(0, "logits")->bytes;
  CHECK(Bytes(logits.begin(), logits.end()) == made.at("logits"));
  CHECK_THROWS_AS(Recording(golden("mistral-swa") / "model.safetensors"), Error);
  CHECK_THROWS_AS(Recording(folder.write("text", "no recording")), Error);
}
