#include "generation_report.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "progress.hpp"
#include "text/stream_decoder.hpp"

namespace sirocco::cli {
namespace {

/// Tokens for which room is taken at the start, however many are allowed, and bytes for each.
constexpr size_t kRoomTokens = 1 << 16;
constexpr size_t kBytesPerToken = 8;
constexpr int64_t kRoomTop = 20;

double per_second(size_t tokens, uint64_t ns) {
  return ns ? 1e9 * static_cast<double>(tokens) / static_cast<double>(ns) : 0.0;
}

double seconds(uint64_t ns) {
  return static_cast<double>(ns) * 1e-9;
}

}  // namespace

GenerationReport::GenerationReport(const Tokenizer& tokenizer, const GenerateOptions& options,
                                   std::string placement)
    : tokenizer_(tokenizer), sampling_(options.sampling), placement_(std::move(placement)) {
  const size_t room = std::min(options.max_tokens, kRoomTokens);
  text_.reserve(room * kBytesPerToken);
  tokens_.reserve(room);
  if (sampling_.n_logprobs == 0) return;
  chosen_.reserve(room);
  top_.reserve(room * static_cast<size_t>(std::min<int64_t>(sampling_.n_logprobs, kRoomTop)));
}

void GenerationReport::add(const GeneratedToken& token) {
  text_ += token.text;
  tokens_.push_back(token.id);
  if (sampling_.n_logprobs == 0) return;
  chosen_.push_back({token.id, token.logprob});
  top_.insert(top_.end(), token.top.begin(), token.top.end());
}

std::span<const TokenLogprob> GenerationReport::top_of(size_t token) const {
  const size_t each = top_.size() / chosen_.size();
  return std::span(top_).subspan(token * each, each);
}

void GenerationReport::finish(const GenerateResult& result) {
  result_ = result;
  text_ += result.rest;
}

std::string GenerationReport::speeds() const {
  const size_t steps = result_.n_generated ? result_.n_generated - 1 : 0;
  std::string line = fmt::format("{} prompt tokens at {:.1f}/s, {} generated at {:.1f}/s",
                                 result_.n_prompt, per_second(result_.n_prompt, result_.prefill_ns),
                                 result_.n_generated, per_second(steps, result_.decode_ns));
  if (result_.reason == StopReason::context) line += "; the context is full";
  if (result_.reason == StopReason::cancelled) line += "; stopped";
  return line;
}

std::string GenerationReport::line() const {
  std::string line = speeds();
  if (sampling_.temperature > 0) line += fmt::format("; seed {}", sampling_.seed);
  return line + "; " + placement_;
}

std::string GenerationReport::piece(int32_t id) const {
  std::string bytes, text;
  tokenizer_.decode_one(id, SIROCCO_DECODE_CONTROL, bytes);
  take_characters(bytes, true, text);
  return text;
}

nlohmann::ordered_json GenerationReport::json() const {
  const size_t steps = result_.n_generated ? result_.n_generated - 1 : 0;
  nlohmann::ordered_json json = {
      {"text", text_},
      {"tokens", tokens_},
      {"stop", stop_reason_name(result_.reason)},
      {"placement", placement_},
      {"sampled_on", result_.sampled_on_device ? "device" : "host"},
      {"bytes_read", result_.bytes_read},
      {"timings",
       {{"load_seconds", load_seconds_},
        {"prompt_tokens", result_.n_prompt},
        {"prefill_seconds", seconds(result_.prefill_ns)},
        {"prefill_per_second", per_second(result_.n_prompt, result_.prefill_ns)},
        {"generated_tokens", result_.n_generated},
        {"decode_seconds", seconds(result_.decode_ns)},
        {"decode_per_second", per_second(steps, result_.decode_ns)}}}};
  json["seed"] =
      sampling_.temperature > 0 ? nlohmann::ordered_json(sampling_.seed) : nlohmann::ordered_json();
  const auto entry = [&](const TokenLogprob& token) {
    return nlohmann::ordered_json{
        {"id", token.id}, {"text", piece(token.id)}, {"logprob", token.logprob}};
  };
  for (size_t i = 0; i < chosen_.size(); ++i) {
    nlohmann::ordered_json item = entry(chosen_[i]);
    for (const TokenLogprob& other : top_of(i)) item["top"].push_back(entry(other));
    json["logprobs"].push_back(std::move(item));
  }
  return json;
}

std::string GenerationReport::logprobs_text() const {
  std::string text;
  const auto show = [&](const TokenLogprob& token) {
    return fmt::format("{:8.4f} {}", token.logprob, nlohmann::json(piece(token.id)).dump());
  };
  for (size_t i = 0; i < chosen_.size(); ++i) {
    text += show(chosen_[i]) + "  of";
    for (const TokenLogprob& other : top_of(i)) text += " " + show(other);
    text += "\n";
  }
  return text;
}

Executor& load_with_progress(LoadedModel& loaded, GenerationReport& report) {
  Progress bar("loading");
  const auto start = std::chrono::steady_clock::now();
  Executor& executor =
      loaded.executor([&](uint64_t done, uint64_t total) { bar.show(done, total); });
  bar.finish();
  report.set_load_seconds(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return executor;
}

}  // namespace sirocco::cli
