// Generation on a real model: what a sequence keeps, where it ends, and that a seed repeats it.

#include "catch.hpp"

#include <sirocco/error.hpp>

#include "golden_model.hpp"
#include "runtime/generate.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

struct Answer {
  GenerateResult result;
  std::vector<int32_t> tokens;
};

Answer answer(TokenSequence& sequence, const std::vector<int32_t>& prompt,
              const GenerateOptions& options) {
  Answer out;
  out.result = generate(sequence, prompt, options, nullptr, [&](const GeneratedToken& token) {
    out.tokens.push_back(token.id);
    return true;
  });
  return out;
}

Answer answer(Rig& rig, const std::vector<int32_t>& prompt, const GenerateOptions& options) {
  TokenSequence sequence(rig.executor());
  return answer(sequence, prompt, options);
}

}  // namespace

TEST_CASE("a second turn runs only new tokens, and answers as if it had run all") {
  Rig rig(kReference);
  GenerateOptions options;
  options.max_tokens = 12;
  std::vector<int32_t> prompt = some_tokens(9);
  TokenSequence sequence(rig.executor());
  const Answer first = answer(sequence, prompt, options);
  CHECK(first.result.n_prompt == 9);
  CHECK(first.result.reason == StopReason::max_tokens);
  CHECK(sequence.tokens().size() == 9 + 11);
  prompt.insert(prompt.end(), first.tokens.begin(), first.tokens.end());
  const auto more = some_tokens(4, 5);
  prompt.insert(prompt.end(), more.begin(), more.end());
  const Answer second = answer(sequence, prompt, options);
  CHECK(second.result.n_prompt == 5);  // the last answer token and the four
  CHECK(second.tokens == answer(rig, prompt, options).tokens);
  // A conversation that took another way goes back to where they part.
  prompt.resize(15);
  const Answer third = answer(sequence, prompt, options);
  CHECK(third.result.n_prompt == 1);
  CHECK(third.tokens == answer(rig, prompt, options).tokens);
}

TEST_CASE("a seed repeats an answer, another one gives another") {
  Rig rig(kReference);
  GenerateOptions options;
  options.max_tokens = 30;
  options.sampling.temperature = 2;
  options.sampling.seed = 11;
  const auto prompt = some_tokens(5);
  const auto first = answer(rig, prompt, options).tokens;
  CHECK(answer(rig, prompt, options).tokens == first);
  options.sampling.seed = 12;
  CHECK(answer(rig, prompt, options).tokens != first);
  options.sampling.top_k = 1;
  GenerateOptions greedy;
  greedy.max_tokens = 30;
  CHECK(answer(rig, prompt, options).tokens == answer(rig, prompt, greedy).tokens);
}

TEST_CASE("generation ends before a stop token, at the context's end, and when it is told to") {
  ModelOptions wanted;
  wanted.context = 16;
  Rig rig(kReference, "mistral-swa", wanted);
  GenerateOptions options;
  options.max_tokens = 100;
  const auto prompt = some_tokens(6);
  const Answer whole = answer(rig, prompt, options);
  CHECK(whole.result.reason == StopReason::context);
  CHECK(whole.tokens.size() == 11);  // the last one has no room in the context itself

  options.stop_ids = {whole.tokens[4]};
  const Answer stopped = answer(rig, prompt, options);
  CHECK(stopped.result.reason == StopReason::stop_token);
  CHECK(stopped.tokens.size() <= 4);
  CHECK(std::ranges::find(stopped.tokens, whole.tokens[4]) == stopped.tokens.end());

  options.stop_ids = {};
  std::atomic<bool> cancel{true};
  options.cancel = &cancel;
  const Answer none = answer(rig, prompt, options);
  CHECK(none.result.reason == StopReason::cancelled);
  CHECK(none.tokens.empty());

  CHECK_THROWS_AS(answer(rig, {}, options), Error);
  CHECK_THROWS_AS(answer(rig, some_tokens(17), options), Error);
}
