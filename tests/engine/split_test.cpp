// One model on two backends, on padded sizes, observed and timed: the bits must not change.

#include "catch.hpp"

#include <sirocco/error.hpp>

#include "golden_model.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

using Rows = std::vector<std::vector<float>>;

/// A mixed bag of steps on one sequence.
Rows play(Rig& rig) {
  const auto tokens = some_tokens(60);
  const SequenceId id = rig.executor().open();
  Rows all;
  for (size_t at = 0, n = 1; at < tokens.size(); at += n, n = n % 9 + 2) {
    n = std::min(n, tokens.size() - at);
    const auto rows = rig.run(
        id, {tokens.begin() + static_cast<long>(at), tokens.begin() + static_cast<long>(at + n)});
    all.insert(all.end(), rows.begin(), rows.end());
  }
  rig.executor().close(id);
  return all;
}

/// The reference beside a copy of itself under another name, whose memory the host may not touch.
std::string split_deployment() {
  return "sirocco: deployment/1\n"
         "plugins:\n"
         "  aliases:\n"
         "    second: " +
         (build_dir() / "tests/plugins/second.so").string() +
         "\n"
         "backends:\n"
         "  - name: reference\n"
         "  - name: second\n"
         "    options:\n"
         "      host_visible: false\n"
         "placement:\n"
         "  - layers: 1\n"
         "    backend: second\n";
}

}  // namespace

TEST_CASE("a split model equals the unsplit one bit for bit") {
  const std::string model = GENERATE("mistral-swa", "ministral-interleaved");
  CAPTURE(model);
  Rig whole(kReference, model);
  Rig split(split_deployment(), model);
  REQUIRE(whole.plan().parts().size() == 1);
  REQUIRE(split.plan().parts().size() == 3);
  REQUIRE_FALSE(split.plan().devices()[1].host_visible());
  CHECK(split.plan().placement().n_fallback == 0);
  CHECK(play(split) == play(whole));
}

TEST_CASE("buckets pad with null rows that change nothing") {
  Rig plain(kReference);
  Rig padded(
      "sirocco: deployment/1\nbackends:\n  - name: reference\n    options:\n"
      "      buckets: \"4,16,64\"\n      seq_buckets: \"4\"\n      row_buckets: \"8,64\"\n");
  CHECK(padded.plan().padded_limits().max_tokens == 64);
  CHECK(padded.plan().pad({5, 1, 5}).tokens == 16);
  CHECK(padded.plan().pad({5, 1, 5}).seqs == 4);
  CHECK(play(padded) == play(plain));
}

TEST_CASE("an observed plan keeps named values and gives the same logits") {
  ModelOptions wanted;
  wanted.observe = {"layers.1/h", "layers.0/attn"};
  Rig plain(kReference), observed(kReference, "mistral-swa", wanted);
  CHECK(play(observed) == play(plain));
  REQUIRE(observed.plan().outputs().size() == plain.plan().outputs().size() + 2);
  const SequenceId id = observed.executor().open();
  observed.run(id, some_tokens(7));
  const OutputView& view = observed.executor().output(observed.plan().outputs().size() - 2);
  CHECK(view.shape == std::vector<int64_t>{7, 128});
  ModelOptions unknown;
  unknown.observe = {"layers.1/nothing"};
  CHECK_THROWS_AS(Rig(kReference, "mistral-swa", unknown), Error);
}

TEST_CASE("a timed plan records every node of a step") {
  ModelOptions wanted;
  wanted.timed = true;
  Rig timed(kReference, "mistral-swa", wanted);
  const SequenceId id = timed.executor().open();
  timed.run(id, some_tokens(5));
  std::vector<bool> seen(timed.plan().graph().nodes.size());
  for (const NodeTime& time : timed.executor().times()) {
    REQUIRE(time.node < seen.size());
    CHECK(time.begin_ns <= time.end_ns);
    seen[time.node] = true;
  }
  CHECK(std::count(seen.begin(), seen.end(), false) == 0);
}

TEST_CASE("fallback is refused, warned of or allowed as the policy says") {
  const auto with = [&](const std::string& policy) {
    std::string text =
        "sirocco: deployment/1\nbackends:\n  - name: reference\n    options:\n"
        "      decline: \"rms_norm\"\n  - name: second\nplugins:\n  aliases:\n    second: " +
        (build_dir() / "tests/plugins/second.so").string() + "\nfallback: " + policy + "\n";
    return text;
  };
  Rig plain(kReference);
  Rig allowed(with("allow"));
  CHECK(allowed.plan().placement().n_fallback == 7);
  CHECK(play(allowed) == play(plain));
  try {
    Rig forbidden(with("forbid"));
    FAIL("fallback was not refused");
  } catch (const Error& e) {
    CHECK(e.kind() == ErrorKind::plugin);
    CHECK(std::string(e.what()).find("rms_norm") != std::string::npos);
    CHECK(std::string(e.what()).find("decline") != std::string::npos);
  }
}

TEST_CASE("a node that nobody runs is named with everybody's reason") {
  try {
    Rig rig(
        "sirocco: deployment/1\nbackends:\n  - name: reference\n    options:\n"
        "      decline: \"attention\"\n");
    FAIL("a model without attention was planned");
  } catch (const Error& e) {
    const std::string message = e.what();
    CHECK(message.find("layers.0/") != std::string::npos);
    CHECK(message.find("reference: turned off by an option") != std::string::npos);
  }
}

TEST_CASE("two engines in one process do not meet") {
  Rig first(kReference), second(kReference, "mistral-full");
  const auto expected = play(first);
  const auto other = play(second);
  CHECK(play(first) == expected);
  CHECK(play(second) == other);
}
