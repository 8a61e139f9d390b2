#include "eval/logit_rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <sirocco/error.hpp>

namespace sirocco {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr size_t kTop = 5;

/// Of a row that has been checked.
float largest(std::span<const float> logits) {
  float most = -kInfinity;
  for (size_t id = 0; id < logits.size(); ++id) {
    if (!(logits[id] < kInfinity)) {  // false for NaN too
      throw Error(ErrorKind::failure, fmt::format("the logit of token {} is {}", id,
                                                  std::isnan(logits[id]) ? "NaN" : "infinite"));
    }
    most = std::max(most, logits[id]);
  }
  if (most == -kInfinity) throw Error(ErrorKind::failure, "no token has a finite logit");
  return most;
}

/// The most likely tokens, the likeliest first; of equal logits the lower id comes first.
struct Top {
  std::array<size_t, kTop> ids{};
  size_t n = 0;
};

Top top_of(std::span<const float> logits) {
  Top top;
  for (size_t id = 0; id < logits.size(); ++id) {
    if (top.n == kTop && !(logits[id] > logits[top.ids[kTop - 1]])) continue;
    size_t place = std::min(top.n, kTop - 1);
    for (; place > 0 && logits[id] > logits[top.ids[place - 1]]; --place)
      top.ids[place] = top.ids[place - 1];
    top.ids[place] = id;
    top.n = std::min(top.n + 1, kTop);
  }
  return top;
}

double overlap(const Top& a, const Top& b) {
  const auto shared =
      std::count_if(a.ids.begin(), a.ids.begin() + static_cast<int64_t>(a.n), [&](size_t id) {
        const auto end = b.ids.begin() + static_cast<int64_t>(b.n);
        return std::find(b.ids.begin(), end, id) != end;
      });
  return static_cast<double>(shared) / static_cast<double>(a.n);
}

size_t checked(int32_t token, std::span<const float> logits) {
  if (token >= 0 && static_cast<size_t>(token) < logits.size()) return static_cast<size_t>(token);
  throw Error(ErrorKind::usage,
              fmt::format("token {} is outside a row of {} logits", token, logits.size()));
}

}  // namespace

double log_sum_exp(std::span<const float> logits) {
  const double most = largest(logits);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - most);
  return most + std::log(sum);
}

double log_probability(std::span<const float> logits, int32_t token) {
  return logits[checked(token, logits)] - log_sum_exp(logits);
}

double RowComparison::delta_p() const {
  return std::exp(log_p) - std::exp(base_log_p);
}

RowComparison compare_rows(std::span<const float> base, std::span<const float> row,
                           int32_t observed) {
  if (base.size() != row.size())
    throw Error(ErrorKind::usage,
                fmt::format("rows of {} and {} logits compared", base.size(), row.size()));
  const size_t token = checked(observed, row);
  // With l = ln Σ exp, ln(b/p) of token i is (base_i − row_i) − (l_base − l_row), so one pass over
  // both rows gives the sums and the mean of base_i − row_i under b.
  const double base_most = largest(base), row_most = largest(row);
  double base_sum = 0, row_sum = 0, weighted = 0;
  for (size_t i = 0; i < base.size(); ++i) {
    const double weight = std::exp(base[i] - base_most);
    base_sum += weight;
    row_sum += std::exp(row[i] - row_most);
    if (weight > 0) weighted += weight * (double{base[i]} - double{row[i]});
  }
  const double base_log = base_most + std::log(base_sum), row_log = row_most + std::log(row_sum);
  RowComparison result;
  result.kl = weighted / base_sum - (base_log - row_log);
  result.log_p = row[token] - row_log;
  result.base_log_p = base[token] - base_log;
  const Top base_top = top_of(base), row_top = top_of(row);
  result.same_top = base_top.ids[0] == row_top.ids[0];
  result.top5 = overlap(base_top, row_top);
  return result;
}

}  // namespace sirocco
