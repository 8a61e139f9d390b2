#include "eval/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <sirocco/error.hpp>

namespace sirocco {
namespace {

/// Of the means of paired values: cov(mean a, mean b) = Σ (a − ā)(b − b̄) / n / (n − 1).
double covariance_of_means(std::span<const double> a, double mean_a, std::span<const double> b,
                           double mean_b) {
  const auto n = static_cast<double>(a.size());
  if (a.size() < 2) return std::numeric_limits<double>::infinity();
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum / n / (n - 1);
}

double mean(std::span<const double> values) {
  if (values.empty()) throw Error(ErrorKind::usage, "statistics of no values at all");
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// The root of a variance that rounding may have left a little below zero.
double root(double variance) {
  return std::sqrt(std::max(variance, 0.0));
}

template <class Figure>
std::vector<double> collect(std::span<const RowComparison> rows, Figure figure) {
  std::vector<double> values;
  values.reserve(rows.size());
  for (const RowComparison& row : rows) values.push_back(figure(row));
  return values;
}

void summarise_perplexity(std::span<const RowComparison> rows, ComparisonSummary& summary) {
  const std::vector<double> own = collect(rows, [](const auto& row) { return -row.log_p; });
  const std::vector<double> base = collect(rows, [](const auto& row) { return -row.base_log_p; });
  const double own_mean = mean(own), base_mean = mean(base);
  const double own_var = covariance_of_means(own, own_mean, own, own_mean);
  const double base_var = covariance_of_means(base, base_mean, base, base_mean);
  const double cov = covariance_of_means(own, own_mean, base, base_mean);
  const double ppl = std::exp(own_mean), base_ppl = std::exp(base_mean);
  summary.ppl = {ppl, ppl * root(own_var)};
  summary.base_ppl = {base_ppl, base_ppl * root(base_var)};
  if (rows.size() < 2) {
    constexpr double kUnknown = std::numeric_limits<double>::infinity();
    summary.log_ratio = {own_mean - base_mean, kUnknown};
    summary.ratio = {std::exp(own_mean - base_mean), kUnknown};
    summary.difference = {ppl - base_ppl, kUnknown};
    return;
  }
  if (own_var > 0 && base_var > 0) summary.correlation = cov / std::sqrt(own_var * base_var);
  summary.log_ratio = {own_mean - base_mean, root(own_var + base_var - 2 * cov)};
  summary.ratio.value = std::exp(summary.log_ratio.value);
  summary.ratio.error = summary.ratio.value * summary.log_ratio.error;
  summary.difference = {ppl - base_ppl, root(ppl * ppl * own_var + base_ppl * base_ppl * base_var -
                                             2 * ppl * base_ppl * cov)};
}

void summarise_delta_p(std::span<const RowComparison> rows, ComparisonSummary& summary) {
  std::vector<double> deltas = collect(rows, [](const auto& row) { return row.delta_p(); });
  summary.delta_p = mean_of(deltas);
  std::vector<double> squares = deltas;
  for (double& delta : squares) delta *= delta;
  const Measurement square = mean_of(squares);
  // The error of a root r = sqrt(m) is that of m over 2 r.
  const double rms = std::sqrt(square.value);
  summary.rms_delta_p = {rms, rms > 0 ? square.error / (2 * rms) : 0};
  summary.delta_p_distribution = distribution_of(std::move(deltas));
}

}  // namespace

Measurement mean_of(std::span<const double> values) {
  const double middle = mean(values);
  return {middle, root(covariance_of_means(values, middle, values, middle))};
}

Measurement perplexity_of(std::span<const double> log_ps) {
  const Measurement log_p = mean_of(log_ps);
  const double ppl = std::exp(-log_p.value);
  return {ppl, ppl * log_p.error};
}

Distribution distribution_of(std::vector<double> values) {
  if (values.empty()) throw Error(ErrorKind::usage, "statistics of no values at all");
  std::ranges::sort(values);
  const auto at = [&](double share) {
    const double place = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<size_t>(place);
    const size_t above = std::min(below + 1, values.size() - 1);
    const double part = place - static_cast<double>(below);
    // Not a weighted sum: zero times infinity is no number.
    return part == 0 || values[below] == values[above]
               ? values[below]
               : values[below] + part * (values[above] - values[below]);
  };
  return {at(1),   at(0.999), at(0.99), at(0.95),  at(0.9), at(0.5),
          at(0.1), at(0.05),  at(0.01), at(0.001), at(0)};
}

ComparisonSummary summarise(std::span<const RowComparison> rows) {
  ComparisonSummary summary;
  summary.rows = rows.size();
  summarise_perplexity(rows, summary);
  std::vector<double> kls = collect(rows, [](const auto& row) { return row.kl; });
  summary.kl = mean_of(kls);
  summary.kl_distribution = distribution_of(std::move(kls));
  summarise_delta_p(rows, summary);
  summary.same_top = mean_of(collect(rows, [](const auto& row) { return row.same_top ? 1. : 0.; }));
  summary.top5 = mean_of(collect(rows, [](const auto& row) { return row.top5; }));
  return summary;
}

}  // namespace sirocco
