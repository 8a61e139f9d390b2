#pragma once

#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "runtime/engine.hpp"
#include "runtime/generate.hpp"

namespace sirocco::cli {

/// What a verb tells about one generated text. Its room is taken at the start: adding a token
/// allocates nothing while there are at most as many as the options allow.
class GenerationReport {
 public:
  /// `tokenizer` must outlive the report.
  GenerationReport(const Tokenizer& tokenizer, const GenerateOptions& options,
                   std::string placement);

  void set_load_seconds(double seconds) { load_seconds_ = seconds; }
  void add(const GeneratedToken& token);
  void finish(const GenerateResult& result);

  /// "12 prompt tokens at 80.1/s, 64 generated at 10.2/s; …": speeds, why it ended where that is
  /// not plain, the seed where numbers were drawn, the placement.
  std::string line() const;
  /// The same without seed and placement, for each of many answers.
  std::string speeds() const;
  /// Keys text, tokens, logprobs (where asked for), stop, seed, timings, placement, sampled_on,
  /// bytes_read.
  nlohmann::ordered_json json() const;
  /// A line a token: its log-probability, its text, and the most probable ones.
  std::string logprobs_text() const;

 private:
  std::string piece(int32_t id) const;
  std::span<const TokenLogprob> top_of(size_t token) const;

  const Tokenizer& tokenizer_;
  SamplingOptions sampling_;
  std::string placement_;
  std::string text_;
  std::vector<int32_t> tokens_;
  std::vector<TokenLogprob> chosen_;  ///< one a token, where logprobs are asked for
  std::vector<TokenLogprob> top_;     ///< as many for each token
  GenerateResult result_;
  double load_seconds_ = 0;
};

/// Loads the weights with a progress bar; the report learns how long it took.
Executor& load_with_progress(LoadedModel& loaded, GenerationReport& report);

}  // namespace sirocco::cli
