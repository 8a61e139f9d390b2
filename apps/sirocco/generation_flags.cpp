#include "generation_flags.hpp"

#include <cstdio>
#include <random>

#include <sirocco/error.hpp>

#include "flag_checks.hpp"
#include "runtime/token_choice.hpp"

namespace sirocco::cli {
namespace {

/// A number that another run is unlikely to draw, short enough to be typed again.
uint64_t draw_seed() {
  return std::random_device()();
}

}  // namespace

void add_generation_flags(CLI::App& verb, GenerationFlags& flags, int64_t default_tokens) {
  const auto add = [&](const std::string& name, auto& target, const std::string& doc) {
    return verb.add_option(name, target, doc)->type_name("X");
  };
  add("-n,--max-tokens", flags.max_tokens,
      "Tokens to generate at most (default: the model document's, else " +
          std::to_string(default_tokens) + ")")
      ->type_name("N")
      ->check(at_least(1));
  add("-t,--temperature", flags.temperature,
      "Higher is more varied; 0, the default, always takes the most probable token")
      ->check(between(0.0, 100.0));
  add("--top-k", flags.top_k, "Choose among the K most probable tokens (0: all)")
      ->type_name("K")
      ->check(at_least(0));
  add("--top-p", flags.top_p, "Choose among the most probable that together reach X (1: all)")
      ->check(between(0.0, 1.0));
  add("--min-p", flags.min_p, "Choose among those at least X times as probable as the best")
      ->check(between(0.0, 1.0));
  add("--repetition-penalty", flags.repetition_penalty,
      "Divides the logits of tokens already there, prompt included (1: none)")
      ->check(between(0.001, 100.0));
  add("--frequency-penalty", flags.frequency_penalty,
      "Taken off a logit for each time its token was generated (0: none)")
      ->check(between(-2.0, 2.0));
  add("--presence-penalty", flags.presence_penalty,
      "Taken off the logits of tokens that were generated (0: none)")
      ->check(between(-2.0, 2.0));
  add("--seed", flags.seed, "Of the random numbers: the same seed gives the same text")
      ->type_name("N")
      ->check(at_least(0));
  add("--stop", flags.stop, "End before this text, which is not shown; may be repeated")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  verb.add_flag("--ignore-eos", flags.ignore_eos, "Go on where the model would end");
  verb.add_option("--sample", flags.sample,
                  "Where tokens are chosen: on the device that makes the logits, which then stay "
                  "there, or on the host; auto: where the device can (default)")
      ->check(CLI::IsMember({"host", "device", "auto"}));
}

GenerateOptions GenerationFlags::options(const ResolvedModel& model, const Tokenizer& tokenizer,
                                         int64_t default_tokens) const {
  const GenerationDefaults stated =
      model.document ? model.document->generation : GenerationDefaults();
  const auto pick = [](auto& asked, auto& given, auto otherwise) {
    return static_cast<decltype(otherwise)>(asked ? *asked : given.value_or(otherwise));
  };
  GenerateOptions options;
  options.max_tokens = static_cast<size_t>(pick(max_tokens, stated.max_tokens, default_tokens));
  SamplingOptions& sampling = options.sampling;
  sampling.temperature = pick(temperature, stated.temperature, 0.0);
  sampling.top_k = pick(top_k, stated.top_k, int64_t{0});
  sampling.top_p = pick(top_p, stated.top_p, 1.0);
  sampling.min_p = pick(min_p, stated.min_p, 0.0);
  sampling.repetition_penalty = pick(repetition_penalty, stated.repetition_penalty, 1.0);
  sampling.frequency_penalty = pick(frequency_penalty, stated.frequency_penalty, 0.0);
  sampling.presence_penalty = pick(presence_penalty, stated.presence_penalty, 0.0);
  if (seed || stated.seed)
    sampling.seed = seed ? *seed : static_cast<uint64_t>(*stated.seed);
  else if (sampling.temperature > 0)
    sampling.seed = draw_seed();
  check_sampling(sampling);
  if (sampling.temperature == 0 && (top_k || top_p || min_p || seed)) {
    std::fprintf(stderr,
                 "warning: at temperature 0 the most probable token is taken, whatever "
                 "--top-k, --top-p, --min-p and --seed say; add --temperature\n");
  }
  options.stop = stated.stop;
  options.stop.insert(options.stop.end(), stop.begin(), stop.end());
  for (const std::string& text : options.stop)
    if (text.empty()) throw Error(ErrorKind::usage, "--stop: an empty text would stop at once");
  if (!ignore_eos && tokenizer.info().eos >= 0) options.stop_ids.push_back(tokenizer.info().eos);
  return options;
}

SampleOn GenerationFlags::sample_on(const SamplingOptions& sampling) const {
  if (sample == "host" || (sample == "auto" && !device_can_sample(sampling))) return SampleOn::host;
  if (sample == "auto") return SampleOn::automatic;
  if (!device_can_sample(sampling)) {
    throw Error(ErrorKind::usage,
                "--sample device: penalties and logprobs are the host's; leave them out, or say "
                "--sample host");
  }
  return SampleOn::device;
}

}  // namespace sirocco::cli
