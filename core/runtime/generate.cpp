#include "runtime/generate.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "runtime/stop_strings.hpp"
#include "runtime/token_choice.hpp"
#include "text/stream_decoder.hpp"

namespace sirocco {
namespace {

using Clock = std::chrono::steady_clock;

/// Room for the text of a token, so that showing one allocates nothing.
constexpr size_t kTextBytes = 1024;

uint64_t nanoseconds(Clock::time_point begin, Clock::time_point end) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(end - begin).count());
}

/// Tokens to shown text: whole characters, and nothing of a stop string.
class TextStream {
 public:
  TextStream(const Tokenizer* tokenizer, const GenerateOptions& options) : stop_(options.stop) {
    if (tokenizer) decoder_.emplace(*tokenizer, options.at_start);
    decoded_.reserve(kTextBytes);
    shown_.reserve(kTextBytes);
  }

  /// True once a stop string is complete.
  bool push(int32_t token) {
    decoded_.clear();
    shown_.clear();
    if (decoder_) decoder_->push(token, decoded_);
    return stop_.push(decoded_, shown_);
  }

  std::string_view shown() const { return shown_; }

  std::string finish(bool stopped) {
    std::string rest;
    if (stopped) return rest;
    decoded_.clear();
    if (decoder_) decoder_->finish(decoded_);
    if (!stop_.push(decoded_, rest)) stop_.finish(rest);
    return rest;
  }

 private:
  std::optional<StreamDecoder> decoder_;
  StopStrings stop_;
  std::string decoded_;
  std::string shown_;
};

/// Keeps what the sequence has in common with the prompt; what is still to be run.
std::span<const int32_t> reuse(TokenSequence& sequence, std::span<const int32_t> prompt) {
  const std::span<const int32_t> held = sequence.tokens();
  const auto same = std::ranges::mismatch(held, prompt);
  auto kept = static_cast<size_t>(same.in1 - held.begin());
  kept = std::min(kept, prompt.size() - 1);
  if (kept < held.size()) sequence.truncate(kept);
  return prompt.subspan(kept);
}

bool is_set(const std::atomic<bool>* cancel) {
  return cancel && cancel->load(std::memory_order_relaxed);
}

}  // namespace

const char* stop_reason_name(StopReason reason) {
  switch (reason) {
    case StopReason::stop_token:
      return "stop_token";
    case StopReason::stop_string:
      return "stop_string";
    case StopReason::max_tokens:
      return "max_tokens";
    case StopReason::context:
      return "context";
    case StopReason::cancelled:
      break;
  }
  return "cancelled";
}

bool TokenSequence::feed(std::span<const int32_t> tokens, const std::atomic<bool>* cancel,
                         std::span<const sdk::SamplingRecord> sampling) {
  const auto most = static_cast<size_t>(executor_.plan().options().limits.max_tokens);
  while (!tokens.empty()) {
    if (is_set(cancel)) return false;
    const size_t n = std::min(most, tokens.size());
    const uint32_t last = static_cast<uint32_t>(n) - 1;
    const bool wanted = n == tokens.size();
    SequenceInput input{id_, tokens.first(n), {}};
    if (wanted) {
      input.wanted = {&last, 1};
      input.sampling = sampling;
    }
    executor_.step({&input, 1});
    executor_.commit(id_, n);
    tokens = tokens.subspan(n);
  }
  return true;
}

GenerateResult generate(TokenSequence& sequence, std::span<const int32_t> prompt,
                        const GenerateOptions& options, const Tokenizer* tokenizer,
                        const std::function<bool(const GeneratedToken&)>& emit) {
  Executor& executor = sequence.executor();
  const auto context = static_cast<size_t>(executor.plan().options().limits.max_context);
  if (prompt.empty()) throw Error(ErrorKind::invalid_file, "the prompt has no tokens");
  if (prompt.size() > context) {
    throw Error(ErrorKind::invalid_file, fmt::format("the prompt's {} tokens exceed the context of "
                                                     "{}",
                                                     prompt.size(), context));
  }
  TokenChoice choice(executor, options.sampling, prompt);
  TextStream text(tokenizer, options);
  const std::span<const int32_t> fresh = reuse(sequence, prompt);
  GenerateResult result;
  result.sampled_on_device = choice.on_device();
  const uint64_t read_before = executor.bytes_read();
  const size_t held = sequence.tokens().size();
  const auto start = Clock::now();
  const bool read = sequence.feed(fresh, options.cancel, choice.records());
  result.n_prompt = sequence.tokens().size() - held;
  if (!read) {
    result.reason = StopReason::cancelled;
    result.prefill_ns = nanoseconds(start, Clock::now());
    return result;
  }
  const auto prefilled = Clock::now();
  while (result.n_generated < options.max_tokens) {
    if (is_set(options.cancel)) {
      result.reason = StopReason::cancelled;
      break;
    }
    const Sampled chosen = choice.choose(sequence.tokens().size());
    if (std::ranges::find(options.stop_ids, chosen.id) != options.stop_ids.end()) {
      result.reason = StopReason::stop_token;
      break;
    }
    ++result.n_generated;
    const bool stopped = text.push(chosen.id);
    if (stopped) result.reason = StopReason::stop_string;
    if (!emit({chosen.id, text.shown(), chosen.logprob, chosen.top}) && !stopped)
      result.reason = StopReason::cancelled;
    if (stopped || result.reason == StopReason::cancelled ||
        result.n_generated == options.max_tokens)
      break;
    if (sequence.tokens().size() == context) {
      result.reason = StopReason::context;
      break;
    }
    sequence.feed({&chosen.id, 1}, nullptr, choice.records());
  }
  result.rest = text.finish(result.reason == StopReason::stop_string);
  result.prefill_ns = nanoseconds(start, prefilled);
  result.decode_ns = nanoseconds(prefilled, Clock::now());
  result.bytes_read = executor.bytes_read() - read_before;
  return result;
}

}  // namespace sirocco
