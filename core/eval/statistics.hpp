#pragma once

#include <span>
#include <vector>

#include "eval/logit_rows.hpp"

namespace sirocco {

/// A figure and its standard error. The error of one sample alone is infinite.
struct Measurement {
  double value = 0;
  double error = 0;
};

/// The mean, and sqrt(variance / (n − 1)) with the variance about the mean over n.
Measurement mean_of(std::span<const double> values);

/// The perplexity exp(−mean ln p) of tokens whose ln p is given; its error is that of the mean,
/// times the perplexity.
Measurement perplexity_of(std::span<const double> log_ps);

/// Where values lie. Between two values a percentile is interpolated linearly, as numpy does.
struct Distribution {
  double maximum = 0, p99_9 = 0, p99 = 0, p95 = 0, p90 = 0, median = 0;
  double p10 = 0, p5 = 0, p1 = 0, p0_1 = 0, minimum = 0;
};
Distribution distribution_of(std::vector<double> values);

/// What many rows say together. Errors of figures that hold both perplexities are paired: the same
/// tokens are hard for both, so their ln PPL vary together, and the error of a difference is far
/// less than that of two independent samples. With u and v the two mean ln PPL,
///   var(u − v) = var u + var v − 2 cov(u, v),
/// the error of the ratio exp(u − v) is the ratio times sqrt(that), and of the difference of the
/// perplexities U and V it is sqrt(U² var u + V² var v − 2 U V cov(u, v)).
struct ComparisonSummary {
  size_t rows = 0;
  Measurement ppl;
  Measurement base_ppl;
  double correlation = 0;  ///< of the two ln p; 0 where one of them never varies
  Measurement log_ratio;   ///< ln(ppl / base ppl)
  Measurement ratio;
  Measurement difference;  ///< ppl − base ppl
  Measurement kl;          ///< nats
  Distribution kl_distribution;
  Measurement delta_p;      ///< mean change of the observed token's probability
  Measurement rms_delta_p;  ///< root of the mean square of that change
  Distribution delta_p_distribution;
  Measurement same_top;  ///< a share, its error the binomial one
  Measurement top5;      ///< mean share of the five most likely
};

/// Throws Error(usage) where there are no rows.
ComparisonSummary summarise(std::span<const RowComparison> rows);

}  // namespace sirocco
