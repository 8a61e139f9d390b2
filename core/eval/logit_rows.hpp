#pragma once

#include <cstdint>
#include <span>

namespace sirocco {

/// ln Σ exp(logit), in double. Throws Error(failure) for a logit that is NaN or +∞ and for a row
/// without a finite one; −∞ is a probability of zero.
double log_sum_exp(std::span<const float> logits);

/// ln softmax(logits)[token]. Throws as `log_sum_exp`, and Error(usage) for a token outside.
double log_probability(std::span<const float> logits, int32_t token);

/// How the distribution of one row differs from that of the same row of a base: p = softmax(row),
/// b = softmax(base), both in double.
struct RowComparison {
  double kl = 0;          ///< Σ b ln(b / p) in nats; ∞ where p is 0 and b is not
  double log_p = 0;       ///< ln p of the observed token
  double base_log_p = 0;  ///< ln b of the observed token
  bool same_top = false;  ///< the most likely token is the same; of equal ones the first counts
  double top5 = 0;        ///< share of the base's five most likely that are among the row's five

  /// Change of the observed token's probability, −1 to 1.
  double delta_p() const;
};

/// Both rows have one logit (or log-probability: a constant added to all changes nothing) a token
/// of the vocabulary; `observed` is the token that the text goes on with. Equal rows have a KL of
/// exactly 0. Throws as `log_sum_exp`; Error(usage) for rows of unequal length or a token outside.
RowComparison compare_rows(std::span<const float> base, std::span<const float> row,
                           int32_t observed);

}  // namespace sirocco
