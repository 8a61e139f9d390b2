#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "config/resolve.hpp"
#include "runtime/generate.hpp"

namespace sirocco::cli {

/// The flags of verbs that generate text: how tokens are chosen, and where the text ends.
struct GenerationFlags {
  std::optional<int64_t> max_tokens;
  std::optional<double> temperature;
  std::optional<int64_t> top_k;
  std::optional<double> top_p;
  std::optional<double> min_p;
  std::optional<double> repetition_penalty;
  std::optional<double> frequency_penalty;
  std::optional<double> presence_penalty;
  std::optional<uint64_t> seed;
  std::vector<std::string> stop;
  bool ignore_eos = false;
  std::string sample = "auto";

  /// The flags over the model document's `generation`, over the defaults: greedy, and
  /// `default_tokens`. A seed that nobody gave is drawn. Throws Error(usage) as check_sampling.
  GenerateOptions options(const ResolvedModel& model, const Tokenizer& tokenizer,
                          int64_t default_tokens) const;
  /// Where tokens are chosen. Throws Error(usage) where the device is asked for what only the host
  /// does.
  SampleOn sample_on(const SamplingOptions& sampling) const;
};

void add_generation_flags(CLI::App& verb, GenerationFlags& flags, int64_t default_tokens);

}  // namespace sirocco::cli
