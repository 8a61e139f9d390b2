#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exec/executor.hpp"
#include "runtime/sampling.hpp"
#include "text/tokenizer.hpp"

namespace sirocco {

struct GenerateOptions {
  size_t max_tokens = 128;
  std::vector<int32_t> stop_ids;  ///< generation ends before these
  std::vector<std::string> stop;  ///< the text ends before the first of these
  SamplingOptions sampling;
  /// The tokens begin a text (an answer) rather than go on with one: a space that only marks a
  /// text's start is not shown.
  bool at_start = false;
  /// Set from elsewhere (a signal handler, another thread) to end the prompt or the answer early.
  const std::atomic<bool>* cancel = nullptr;
};

enum class StopReason { stop_token, stop_string, max_tokens, context, cancelled };

/// "stop_token", "stop_string", "max_tokens", "context", "cancelled".
const char* stop_reason_name(StopReason reason);

/// A token as it is chosen. Everything in it is valid until `emit` returns.
struct GeneratedToken {
  int32_t id = 0;
  /// What can be shown now, whole characters: it lags behind the tokens where a character is not
  /// complete, or where a stop string may have begun.
  std::string_view text;
  float logprob = 0;                  ///< see Sampled
  std::span<const TokenLogprob> top;  ///< see Sampled
};

struct GenerateResult {
  size_t n_prompt = 0;     ///< tokens that were prefilled
  size_t n_generated = 0;  ///< tokens that were emitted
  StopReason reason = StopReason::max_tokens;
  std::string rest;  ///< text that was held back until the end; to be shown after the tokens'
  uint64_t prefill_ns = 0;         ///< wall time up to the first logits
  uint64_t decode_ns = 0;          ///< wall time of the steps after that
  bool sampled_on_device = false;  ///< tokens were chosen there
  uint64_t bytes_read = 0;         ///< from devices whose memory the host cannot see
};

/// One open sequence of an executor, which must outlive it; closed with the object.
class TokenSequence {
 public:
  explicit TokenSequence(Executor& executor) : executor_(executor), id_(executor.open()) {}
  ~TokenSequence() { executor_.close(id_); }
  TokenSequence(const TokenSequence&) = delete;
  TokenSequence& operator=(const TokenSequence&) = delete;

  Executor& executor() { return executor_; }
  std::span<const int32_t> tokens() const { return executor_.tokens(id_); }
  /// Keeps the first `n` tokens.
  void truncate(size_t n) { executor_.truncate(id_, n); }
  /// Runs tokens in steps the plan allows; the logits of the last are wanted, or what follows it as
  /// the one record of `sampling` says. Returns false, with a part of them run, where `cancel` was
  /// set between two steps.
  bool feed(std::span<const int32_t> tokens, const std::atomic<bool>* cancel = nullptr,
            std::span<const sdk::SamplingRecord> sampling = {});

 private:
  Executor& executor_;
  SequenceId id_;
};

/// Makes `sequence` hold `prompt` and goes on with it. Tokens that the sequence already holds are
/// not run again, except the last one where there would be nothing to run. `emit` gets each token
/// as it is chosen and returns false to stop. `tokenizer` may be null: no text then, and no stop
/// strings. Decode steps allocate nothing.
/// Throws Error(invalid_file) where the model has no output "logits" or the prompt does not fit the
/// context, and as TokenChoice and Executor do. The sequence holds the prompt and all emitted
/// tokens but the last afterwards.
GenerateResult generate(TokenSequence& sequence, std::span<const int32_t> prompt,
                        const GenerateOptions& options, const Tokenizer* tokenizer,
                        const std::function<bool(const GeneratedToken&)>& emit);

}  // namespace sirocco
