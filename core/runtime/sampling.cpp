#include "runtime/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <sirocco/error.hpp>
#include <sirocco/sdk/random.hpp>

namespace sirocco {
namespace {

constexpr float kLeast = std::numeric_limits<float>::lowest();
/// How far below the best logit candidates are looked for, at first and at last, before all are.
constexpr float kFirstDrop = 2;
constexpr float kLastDrop = 1e4f;

void check_range(const char* name, double value, double low, double high, const char* meaning) {
  if (value >= low && value <= high) return;
  throw Error(ErrorKind::usage,
              fmt::format("{} {} is out of range, expected {}", name, value, meaning));
}

/// The largest logit's token, the lowest id of equals. Throws for what is no distribution.
size_t most_probable(std::span<const float> logits, uint64_t position) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  size_t best = 0;
  for (size_t id = 0; id < logits.size(); ++id) {
    if (!(logits[id] < kInfinity)) {  // false for NaN too
      throw Error(ErrorKind::failure,
                  fmt::format("the logit of token {} at position {} is {}; the weights, the "
                              "numerics or the backend are at fault (`--numerics f32` and "
                              "`--backend reference` tell which)",
                              id, position, std::isnan(logits[id]) ? "not a number" : "infinite"));
    }
    if (logits[id] > logits[best]) best = id;
  }
  if (logits.empty() || logits[best] == -kInfinity) {
    throw Error(ErrorKind::failure,
                fmt::format("no token is possible at position {}: every logit is minus infinity",
                            position));
  }
  return best;
}

}  // namespace

void check_sampling(const SamplingOptions& options) {
  constexpr double kMost = 1e6;
  check_range("repetition penalty", options.repetition_penalty, 1e-3, 100,
              "0.001 to 100 (1: none)");
  check_range("frequency penalty", options.frequency_penalty, -2, 2, "-2 to 2 (0: none)");
  check_range("presence penalty", options.presence_penalty, -2, 2, "-2 to 2 (0: none)");
  check_range("temperature", options.temperature, 0, 100, "0 to 100 (0: the most probable)");
  check_range("top-k", static_cast<double>(options.top_k), 0, 9e18, "0 or more (0: no limit)");
  check_range("top-p", options.top_p, 0, 1, "0 to 1 (1: no limit)");
  check_range("min-p", options.min_p, 0, 1, "0 to 1 (0: no limit)");
  check_range("logprobs", static_cast<double>(options.n_logprobs), 0, kMost, "0 to 1000000");
}

Sampler::Sampler(const SamplingOptions& options, size_t vocab_size)
    : options_(options), counts_(vocab_size), seen_(vocab_size), original_(vocab_size) {
  check_sampling(options);
  present_.reserve(vocab_size);
  if (options.temperature > 0) candidates_.resize(vocab_size);
  options_.n_logprobs = std::min(options.n_logprobs, static_cast<int64_t>(vocab_size));
  top_.reserve(static_cast<size_t>(options_.n_logprobs) + 1);
}

void Sampler::count(int32_t token, bool generated) {
  const auto at = static_cast<size_t>(token);
  if (token < 0 || at >= counts_.size()) return;
  counts_[at] += generated;
  if (!std::exchange(seen_[at], char{1})) present_.push_back(token);
}

void Sampler::add_prompt(std::span<const int32_t> tokens) {
  for (const int32_t token : tokens) count(token, false);
}

void Sampler::find_logprobs(std::span<const float> logits) {
  double sum = 0;
  const float most = *std::max_element(logits.begin(), logits.end());
  for (const float logit : logits) sum += std::exp(double{logit} - double{most});
  log_sum_ = double{most} + std::log(sum);
  top_.clear();
  const auto n = static_cast<size_t>(options_.n_logprobs);
  for (size_t id = 0; id < logits.size(); ++id) {
    const auto logprob = static_cast<float>(double{logits[id]} - log_sum_);
    if (top_.size() == n && (n == 0 || logprob <= top_.back().logprob)) continue;
    const auto place = std::upper_bound(
        top_.begin(), top_.end(), logprob,
        [](float value, const TokenLogprob& other) { return value > other.logprob; });
    top_.insert(place, {static_cast<int32_t>(id), logprob});
    if (top_.size() > n) top_.pop_back();
  }
}

void Sampler::penalise(std::span<float> logits) const {
  const auto repetition = static_cast<float>(options_.repetition_penalty);
  for (const int32_t token : present_) {
    const auto at = static_cast<size_t>(token);
    float& logit = logits[at];
    logit = logit > 0 ? logit / repetition : logit * repetition;
    if (counts_[at] == 0) continue;
    logit -=
        static_cast<float>(options_.frequency_penalty * counts_[at] + options_.presence_penalty);
  }
}

/// Makes candidates, by id, of the tokens with at least this logit; how many they are.
size_t Sampler::gather(std::span<const float> logits, float least) {
  size_t n = 0;
  for (size_t id = 0; id < logits.size(); ++id)
    if (logits[id] >= least) candidates_[n++] = {logits[id], static_cast<int32_t>(id), 0};
  return n;
}

/// Sums are taken in the order of ids, so that their last bits depend on nothing else.
void Sampler::order_by_id(size_t n) {
  std::sort(candidates_.begin(), candidates_.begin() + static_cast<ptrdiff_t>(n),
            [](const Candidate& a, const Candidate& b) { return a.id < b.id; });
}

/// Makes candidates, by id, of the top_k tokens; how many they are.
size_t Sampler::keep_top_k(std::span<const float> logits, float most) {
  const auto k = static_cast<size_t>(options_.top_k);
  if (k == 0 || k >= logits.size()) return gather(logits, kLeast);
  // The best are near the most probable one, so that few have to be put in order.
  size_t n = 0;
  for (float drop = kFirstDrop; n < k && drop < kLastDrop; drop *= 2)
    n = gather(logits, most - drop);
  if (n < k) n = gather(logits, kLeast);
  if (n <= k) return n;
  std::nth_element(candidates_.begin(), candidates_.begin() + static_cast<ptrdiff_t>(k),
                   candidates_.begin() + static_cast<ptrdiff_t>(n), before);
  order_by_id(k);
  return k;
}

/// Puts the fewest of the first `n` candidates that reach top_p to the front; how many they are.
size_t Sampler::keep_top_p(size_t n, float most) {
  double total = 0, reached = 0;
  for (size_t i = 0; i < n; ++i) total += candidates_[i].weight;
  const double wanted = options_.top_p * total;
  const auto end = candidates_.begin() + static_cast<ptrdiff_t>(n);
  // Few tokens hold most of the probability: ever less probable ones are put in order, until
  // enough.
  auto sorted = candidates_.begin();
  for (float drop = kFirstDrop; sorted != end; drop *= 2) {
    const float least = drop < kLastDrop ? most - drop : kLeast;
    const auto front =
        std::partition(sorted, end, [&](const Candidate& c) { return c.logit >= least; });
    std::sort(sorted, front, before);
    for (; sorted != front; ++sorted) {
      reached += sorted->weight;
      if (reached >= wanted) return static_cast<size_t>(sorted - candidates_.begin()) + 1;
    }
  }
  return n;
}

int32_t Sampler::draw(std::span<const float> logits, float most, uint64_t position) {
  size_t n = keep_top_k(logits, most);
  for (size_t i = 0; i < n; ++i)
    candidates_[i].weight =
        std::exp((double{candidates_[i].logit} - double{most}) / options_.temperature);
  if (options_.top_p < 1) {
    n = keep_top_p(n, most);
    order_by_id(n);
  }
  double total = 0;
  for (size_t i = 0; i < n; ++i) {
    if (candidates_[i].weight < options_.min_p) candidates_[i].weight = 0;
    total += candidates_[i].weight;
  }
  const double target = sdk::uniform_at(options_.seed, position) * total;
  double reached = 0;
  int32_t chosen = -1;
  for (size_t i = 0; i < n; ++i) {
    if (candidates_[i].weight == 0) continue;
    chosen = candidates_[i].id;
    reached += candidates_[i].weight;
    if (reached > target) break;
  }
  return chosen;
}

Sampled Sampler::sample(std::span<float> logits, uint64_t position) {
  if (logits.size() != counts_.size()) {
    throw Error(ErrorKind::failure,
                fmt::format("{} logits for a vocabulary of {}", logits.size(), counts_.size()));
  }
  size_t best = most_probable(logits, position);
  if (options_.n_logprobs > 0) find_logprobs(logits);
  Sampled result;
  const bool penalties = options_.repetition_penalty != 1 || options_.frequency_penalty != 0 ||
                         options_.presence_penalty != 0;
  if (penalties) {
    std::copy(logits.begin(), logits.end(), original_.begin());
    penalise(logits);
    best = most_probable(logits, position);
  }
  result.id =
      options_.temperature > 0 ? draw(logits, logits[best], position) : static_cast<int32_t>(best);
  if (options_.n_logprobs > 0) {
    const float logit =
        (penalties ? std::span<const float>(original_) : logits)[static_cast<size_t>(result.id)];
    result.logprob = static_cast<float>(double{logit} - log_sum_);
    result.top = top_;
  }
  count(result.id, true);
  return result;
}

}  // namespace sirocco
