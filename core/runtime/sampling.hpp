#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sirocco {

/// How the next token is chosen. The steps are taken in the order of these fields.
struct SamplingOptions {
  /// Logits of tokens that are in the sequence, prompt included, are divided by it where positive
  /// and multiplied where negative; 1: none.
  double repetition_penalty = 1;
  /// Subtracted from a logit once for each time the token was generated, from -2 to 2.
  double frequency_penalty = 0;
  /// Subtracted from the logits of tokens that were generated, from -2 to 2.
  double presence_penalty = 0;
  /// 0: the most probable token, the lowest id of equals; nothing below applies.
  double temperature = 0;
  int64_t top_k = 0;  ///< only the k most probable, lower ids first among equals; 0: all
  /// Only the most probable tokens that together reach this share of what top_k left; 1: all.
  double top_p = 1;
  /// Only tokens at least this many times as probable as the most probable one; 0: all.
  double min_p = 0;
  uint64_t seed = 0;       ///< of the random numbers, see sdk/random.hpp
  int64_t n_logprobs = 0;  ///< most probable tokens to report with each choice
};

/// Throws Error(usage) that names the first option out of its range.
void check_sampling(const SamplingOptions& options);

struct TokenLogprob {
  int32_t id = 0;
  float logprob = 0;  ///< natural logarithm, of the model's own distribution: before every filter
};

/// A chosen token. `top` is valid until the next choice.
struct Sampled {
  int32_t id = 0;
  float logprob = 0;                  ///< 0 unless logprobs were asked for
  std::span<const TokenLogprob> top;  ///< the most probable first
};

/// Chooses the tokens of one sequence. Allocates nothing after its construction.
///
/// The tokens that the filters leave are laid side by side in the order of their ids, each as wide
/// as its probability, and the one at `uniform_at(seed, position)` of the whole width is taken, in
/// double precision: a definition that needs no sorted order, so that a device can follow it.
class Sampler {
 public:
  /// Throws as check_sampling does.
  Sampler(const SamplingOptions& options, size_t vocab_size);

  /// Tokens that count for the repetition penalty only.
  void add_prompt(std::span<const int32_t> tokens);
  /// Chooses, and counts what was chosen. `logits` has one a token of the vocabulary and is used as
  /// scratch. `position` is that of the chosen token in its sequence. Throws Error(failure) where a
  /// logit is NaN or plus infinity, or all are minus infinity.
  Sampled sample(std::span<float> logits, uint64_t position);

 private:
  struct Candidate {
    float logit;
    int32_t id;
    double weight;  ///< relative to the most probable one's
  };

  /// The more probable one first, the lower id of equals.
  static bool before(const Candidate& a, const Candidate& b) {
    return a.logit != b.logit ? a.logit > b.logit : a.id < b.id;
  }

  void count(int32_t token, bool generated);
  void find_logprobs(std::span<const float> logits);
  void penalise(std::span<float> logits) const;
  int32_t draw(std::span<const float> logits, float most, uint64_t position);
  size_t gather(std::span<const float> logits, float least);
  void order_by_id(size_t n);
  size_t keep_top_k(std::span<const float> logits, float most);
  size_t keep_top_p(size_t n, float most);

  SamplingOptions options_;
  std::vector<int32_t> counts_;   ///< by token: times generated
  std::vector<char> seen_;        ///< by token: in the sequence
  std::vector<int32_t> present_;  ///< the tokens that were seen, once each
  std::vector<float> original_;   ///< the logits before penalties
  std::vector<Candidate> candidates_;
  std::vector<TokenLogprob> top_;
  double log_sum_ = 0;
};

}  // namespace sirocco
