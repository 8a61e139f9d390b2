// What a step cannot leave unread, counted by hand for a golden model.

#include "bench/work.hpp"
#include "catch.hpp"
#include "runtime/engine.hpp"

using namespace sirocco;

namespace {

EngineOptions reference_engine() {
  EngineOptions options;
  options.plugin_path = {std::string(SIROCCO_BUILD_DIR) + "/lib/sirocco/plugins"};
  options.deployment = std::string(SIROCCO_SOURCE_DIR) + "/configs/deployments/default.yaml";
  options.backends = {"reference"};
  return options;
}

}  // namespace

TEST_CASE("of experts as many count as the tokens can choose") {
  Engine engine(reference_engine());
  const auto loaded = engine.plan(
      engine.resolve(std::string(SIROCCO_SOURCE_DIR) + "/tests/golden/models/mixtral"), {});
  // Its config: 2 layers, 8 experts of 64 x 32, of which a token takes 2; bf16.
  const double expert = 2 * 3 * 64 * 32, row = 2 * 64;
  const auto bytes = [&](int64_t tokens) {
    return step_work(loaded->plan(), tokens, 0).weight_bytes;
  };
  CHECK(bytes(2) - bytes(1) == 2 * 2 * expert + row);
  CHECK(bytes(4) - bytes(1) == 2 * 6 * expert + 3 * row);
  CHECK(bytes(5) - bytes(4) == row);
}

TEST_CASE("bytes and operations of a step are those of its tensors") {
  Engine engine(reference_engine());
  ModelOptions wanted;
  wanted.numerics = SIROCCO_DTYPE_F32;
  const auto loaded = engine.plan(
      engine.resolve(std::string(SIROCCO_SOURCE_DIR) + "/tests/golden/models/mistral-swa"), wanted);
  // Its config: vocabulary 512, width 128, feed-forward 160, 3 layers, 8 heads and 2 of keys of 16,
  // window 16; weights bf16 as on file, the state f32.
  const double layer = 128 * 128 * 2 + 32 * 128 * 2 + 3 * 128 * 160 + 2 * 128;
  const double weights = 2 * (3 * layer + 512 * 128 + 128 + 128);  // one looked-up row of 128
  const double products = 2 * (128 * 128 * 2 + 32 * 128 * 2 + 3 * 128 * 160);
  const StepWork one = step_work(loaded->plan(), 1, 9);
  CHECK(one.weight_bytes == weights);
  CHECK(one.state_bytes == 4 * 3 * 10 * 2 * 2 * 16);
  CHECK(one.flops > 3 * products + 2 * 512 * 128);
  CHECK(one.flops < 1.1 * (3 * products + 2 * 512 * 128));
  SECTION("a window bounds what is seen, and a wide step sees all of it") {
    CHECK(step_work(loaded->plan(), 1, 100).state_bytes == 4 * 3 * 16 * 2 * 2 * 16);
    CHECK(step_work(loaded->plan(), 4, 100).state_bytes == 4 * 3 * 19 * 2 * 2 * 16);
    CHECK(step_work(loaded->plan(), 4, 9).weight_bytes == weights + 3 * 2 * 128);
  }
  SECTION("sequences share the weights, and each has a state") {
    const StepWork four = step_work(loaded->plan(), 1, 9, 4);
    CHECK(four.weight_bytes == weights + 3 * 2 * 128);
    CHECK(four.state_bytes == 4 * one.state_bytes);
    CHECK(four.flops == Approx(4 * one.flops));
  }
}
