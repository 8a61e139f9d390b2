// A residual added to the values of attention, which the fast backend writes straight into the
// state: the state's dtype is one, that of the activations another.

#include <cmath>
#include <fstream>
#include <sstream>

#include "catch.hpp"
#include "golden_model.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

void replace(std::string& text, const std::string& what, const std::string& with) {
  const size_t at = text.find(what);
  INFO(what);
  REQUIRE(at != std::string::npos);
  text.replace(at, what.size(), with);
}

std::vector<float> logits(const std::filesystem::path& model, const std::string& backend,
                          const TemporaryFolder& folder, sirocco_dtype numerics) {
  Engine engine(options_for(folder.write(
      backend + ".yaml", "sirocco: deployment/1\nbackends:\n  - name: " + backend + "\n")));
  ModelOptions wanted;
  wanted.numerics = numerics;
  wanted.max_tokens = 32;
  const auto loaded = engine.plan(engine.resolve(model), wanted);
  return last_logits(loaded->executor(), {20, 1, 3});
}

}  // namespace

TEST_CASE("a residual of the values keeps its own dtype on its way into the state") {
  const bool narrow_state = GENERATE(true, false);
  const auto configs = std::filesystem::path(SIROCCO_SOURCE_DIR) / "configs/topologies";
  TemporaryFolder folder;
  std::string topology = text_of(configs / "dense-decoder.yaml");
  // Made ahead, so that nothing stands between the products and what is added to one of them.
  replace(topology, "- x: rms_norm(h, L.attention_norm",
          "- z: linear(h, L.wv)\n      - x: rms_norm(h, L.attention_norm");
  replace(topology, "linear(x, L.wv)", "add(linear(x, L.wv), z)");
  replace(topology, "kind: paged",
          std::string("kind: paged\n    dtype: ") + (narrow_state ? "bf16" : "f32"));
  folder.write("dense-decoder.yaml", topology);
  folder.write("mistral.yaml", text_of(configs / "mistral.yaml"));
  const auto model = folder.write(
      "model.yaml",
      "sirocco: model/1\nname: m\ntopology: " + (folder.path() / "mistral.yaml").string() +
          "\ncheckpoint: " + golden("mistral-swa").string() + "\n");
  const sirocco_dtype numerics = narrow_state ? SIROCCO_DTYPE_F32 : SIROCCO_DTYPE_BF16;
  const auto expected = logits(model, "reference", folder, numerics);
  const auto got = logits(model, "cpu-onednn", folder, numerics);
  REQUIRE(got.size() == expected.size());
  double error = 0, power = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    REQUIRE(std::isfinite(got[i]));
    error += std::pow(got[i] - expected[i], 2);
    power += std::pow(expected[i], 2);
  }
  // A state in bf16 rounds each sum of products, and the sums differ in their last bits.
  CHECK(error / power < (narrow_state ? 1e-4 : 3e-3));
}
