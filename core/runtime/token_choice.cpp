#include "runtime/token_choice.hpp"

#include <cstring>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "runtime/forward.hpp"

namespace sirocco {
namespace {

size_t vocabulary_of(const Plan& plan, size_t output) {
  return static_cast<size_t>(
      plan.graph().values[plan.outputs()[output].value].type.shape.back().base);
}

}  // namespace

bool device_can_sample(const SamplingOptions& options) {
  return options.repetition_penalty == 1 && options.frequency_penalty == 0 &&
         options.presence_penalty == 0 && options.n_logprobs == 0;
}

TokenChoice::TokenChoice(Executor& executor, const SamplingOptions& options,
                         std::span<const int32_t> prompt)
    : executor_(executor),
      options_(options),
      output_(find_logits(executor.plan(), "generate text")) {
  check_sampling(options);
  record_ = {.seed = options.seed,
             .temperature = options.temperature,
             .top_k = options.top_k,
             .top_p = options.top_p,
             .min_p = options.min_p};
  if (executor.plan().sampling() && device_can_sample(options)) return;
  logits_.resize(vocabulary_of(executor.plan(), output_));
  host_.emplace(options, logits_.size()).add_prompt(prompt);
}

Sampled TokenChoice::sample(Sampler& sampler, uint64_t position) {
  executor_.output(output_).to_f32(0, static_cast<int64_t>(logits_.size()), logits_.data());
  return sampler.sample(logits_, position);
}

Sampled TokenChoice::choose(uint64_t position) {
  if (host_) return sample(*host_, position);
  int32_t id = 0;
  std::memcpy(&id, executor_.output(executor_.plan().sampling()->ids).data, sizeof id);
  const size_t vocabulary = vocabulary_of(executor_.plan(), output_);
  if (id >= 0 && static_cast<size_t>(id) < vocabulary) return {.id = id};
  // No token: the host's sampler, given the same logits, says what is wrong with them.
  logits_.resize(vocabulary);
  Sampler judge(options_, vocabulary);
  sample(judge, position);
  throw Error(ErrorKind::plugin,
              fmt::format("the backend chose token {} of a vocabulary of {} at position {}, from "
                          "logits that allow one; `--sample host` does without its choice",
                          id, vocabulary, position));
}

}  // namespace sirocco
