// Tokens chosen on the device: the same as the host's, without the logits being read, and never
// where the backend has no op for it.

#include "catch.hpp"

#include <cstring>

#include <sirocco/error.hpp>

#include "golden_model.hpp"
#include "runtime/generate.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

constexpr size_t kTokens = 20;
constexpr uint64_t kVocabulary = 512;

/// The reference behind a layer of tests/engine/plugins.
std::string behind(const std::string& layer, const std::string& lie) {
  return "sirocco: deployment/1\nplugins:\n  paths:\n    - " +
         (build_dir() / "tests/plugins").string() + "\nbackends:\n  - name: " + layer +
         "\n    options:\n      target: " +
         (build_dir() / "lib/sirocco/plugins/reference.so").string() + "\n      lie: " + lie + "\n";
}

ModelOptions sampled(SampleOn where) {
  ModelOptions options;
  options.sample = where;
  return options;
}

struct Answer {
  GenerateResult result;
  std::vector<int32_t> tokens;
};

Answer answer(Rig& rig, const SamplingOptions& sampling) {
  GenerateOptions options;
  options.max_tokens = kTokens;
  options.sampling = sampling;
  TokenSequence sequence(rig.executor());
  Answer out;
  out.result = generate(sequence, some_tokens(7), options, nullptr, [&](const auto& token) {
    out.tokens.push_back(token.id);
    return true;
  });
  return out;
}

const SamplingOptions kSettings[] = {
    {},
    {.temperature = 1.5, .seed = 3},
    {.temperature = 2, .top_k = 20, .top_p = 0.9, .seed = 4},
    {.temperature = 3, .min_p = 0.05, .seed = uint64_t{1} << 60},
};

std::string failure(Rig& rig, ErrorKind kind) {
  try {
    answer(rig, {});
  } catch (const Error& e) {
    CHECK(e.kind() == kind);
    return e.what();
  }
  return "none";
}

void contains(const std::string& text, const std::string& part) {
  INFO(text);
  CHECK(text.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("a seed gives one answer, wherever tokens are chosen") {
  Rig host(kReference, "mistral-swa", sampled(SampleOn::host));
  Rig device(kReference, "mistral-swa", sampled(SampleOn::device));
  CHECK_FALSE(host.plan().sampling());
  REQUIRE(device.plan().sampling());
  CHECK(device.plan().graph().nodes.size() == host.plan().graph().nodes.size() + 1);
  for (const SamplingOptions& settings : kSettings) {
    const Answer there = answer(device, settings), here = answer(host, settings);
    CHECK(there.tokens == here.tokens);
    CHECK(there.tokens.size() == kTokens);
    CHECK(there.result.sampled_on_device);
    CHECK_FALSE(here.result.sampled_on_device);
  }
}

TEST_CASE("of a device with memory of its own four bytes a token are read, not the logits") {
  const std::string hidden = kReference + "    options:\n      host_visible: false\n";
  Rig host(hidden, "mistral-swa", sampled(SampleOn::host));
  Rig device(hidden, "mistral-swa", sampled(SampleOn::automatic));
  for (const SamplingOptions& settings : kSettings) {
    const Answer there = answer(device, settings), here = answer(host, settings);
    CHECK(there.tokens == here.tokens);
    CHECK(here.result.bytes_read == kTokens * kVocabulary * sizeof(float));
    CHECK(there.result.bytes_read == kTokens * sizeof(int32_t));
  }
  // Logits that were left there can still be had.
  const SequenceId id = device.executor().open(), other = host.executor().open();
  const uint32_t last = 6;
  const auto tokens = some_tokens(7);
  const sdk::SamplingRecord record{.temperature = 1};
  const SequenceInput sampling{id, tokens, {&last, 1}, {&record, 1}};
  const SequenceInput plain{other, tokens, {&last, 1}};
  device.executor().step({&sampling, 1});
  host.executor().step({&plain, 1});
  CHECK(device.logits(1) == host.logits(1));
}

TEST_CASE("what only the host can do is done there, though the plan samples") {
  Rig host(kReference, "mistral-swa", sampled(SampleOn::host));
  Rig device(kReference, "mistral-swa", sampled(SampleOn::device));
  SamplingOptions penalised{.repetition_penalty = 1.3, .temperature = 1, .seed = 5};
  SamplingOptions reported{.temperature = 1, .seed = 5, .n_logprobs = 3};
  for (const SamplingOptions& settings : {penalised, reported}) {
    const Answer there = answer(device, settings);
    CHECK_FALSE(there.result.sampled_on_device);
    CHECK(there.tokens == answer(host, settings).tokens);
  }
}

TEST_CASE("rows of several sequences are sampled in one step, each as its record says") {
  Rig rig(kReference, "mistral-swa", sampled(SampleOn::device));
  Executor& executor = rig.executor();
  const auto ids_of = [&](size_t n) {
    std::vector<int32_t> ids(n);
    std::memcpy(ids.data(), executor.output(rig.plan().sampling()->ids).data, n * sizeof(int32_t));
    return ids;
  };
  const auto a = some_tokens(5, 1), b = some_tokens(9, 2);
  const uint32_t of_a[] = {4}, of_b[] = {2, 8};
  const sdk::SamplingRecord greedy[] = {{}};
  const sdk::SamplingRecord drawn[] = {{.seed = 1, .temperature = 3},
                                       {.seed = 2, .temperature = 3}};
  const SequenceInput first{executor.open(), a, of_a, greedy};
  const SequenceInput second{executor.open(), b, of_b, drawn};
  const SequenceInput both[] = {first, second};
  executor.step(both);
  const auto together = ids_of(3);
  std::vector<int32_t> apart;
  for (SequenceInput alone : both) {
    executor.close(alone.sequence);
    alone.sequence = executor.open();
    executor.step({&alone, 1});
    const auto ids = ids_of(alone.wanted.size());
    apart.insert(apart.end(), ids.begin(), ids.end());
  }
  CHECK(together == apart);
}

TEST_CASE("a step that asks for samples that the plan has not, or too few, is refused") {
  Rig host(kReference, "mistral-swa"), device(kReference, "mistral-swa", sampled(SampleOn::device));
  const auto tokens = some_tokens(3);
  const uint32_t wanted[] = {0, 2};
  const sdk::SamplingRecord record;
  for (Rig* rig : {&host, &device}) {
    const SequenceInput input{rig->executor().open(), tokens, wanted, {&record, 1}};
    CHECK_THROWS_AS(rig->executor().step({&input, 1}), Error);
  }
}

TEST_CASE("a backend without the op leaves the choice to the host, and that is no fallback") {
  const std::string without = kReference + "    options:\n      decline: sample\n";
  const std::string older = behind("faulty-abi2", "none");
  const std::string forbid = "fallback: forbid\n";
  Rig host(kReference, "mistral-swa");
  const Answer expected = answer(host, kSettings[2]);
  for (const std::string& deployment : {without, older}) {
    Rig rig(deployment + forbid, "mistral-swa", sampled(SampleOn::automatic));
    CHECK_FALSE(rig.plan().sampling());
    CHECK(rig.plan().placement().n_fallback == 0);
    CHECK(rig.plan().graph().nodes.size() == host.plan().graph().nodes.size());
    CHECK(answer(rig, kSettings[2]).tokens == expected.tokens);
  }
  const auto refused = [](const std::string& deployment) {
    try {
      Rig(deployment, "mistral-swa", sampled(SampleOn::device));
    } catch (const Error& e) {
      CHECK(e.kind() == ErrorKind::plugin);
      return std::string(e.what());
    }
    return std::string("none");
  };
  contains(refused(without), "reference: turned off by an option");
  contains(refused(older), "faulty-abi2 speaks plugin ABI 2, which has no sampling");
}

TEST_CASE("where no token can be chosen the host says what is wrong") {
  Rig nan(behind("faulty", "nan"), "mistral-swa", sampled(SampleOn::device));
  contains(failure(nan, ErrorKind::failure), "the logit of token 0 at position 7 is not a number");
  Rig lying(behind("faulty", "bad-ids"), "mistral-swa", sampled(SampleOn::device));
  contains(failure(lying, ErrorKind::plugin), "the backend chose token -1 of a vocabulary of 512");
}
