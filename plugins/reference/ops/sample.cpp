// ids[r]: the token of row r, as its record says (docs/ops.md, `sample`)

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include <sirocco/sdk/random.hpp>
#include <sirocco/sdk/sampling.hpp>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Row {
  std::span<const float> logits;
  std::span<double> weights;  ///< by id; 0: not kept
  std::span<int32_t> order;   ///< scratch
};

/// The largest logit's id, the lowest of equals; kNoToken for what is no distribution.
int32_t most_probable(std::span<const float> logits) {
  size_t best = 0;
  for (size_t id = 0; id < logits.size(); ++id) {
    if (!(logits[id] < kInfinity)) return sdk::kNoToken;  // false for NaN too
    if (logits[id] > logits[best]) best = id;
  }
  return logits[best] == -kInfinity ? sdk::kNoToken : static_cast<int32_t>(best);
}

double sum(std::span<const double> weights) {
  return std::accumulate(weights.begin(), weights.end(), 0.0);
}

/// Keeps the top_k tokens and of these the fewest that reach top_p.
void filter(const Row& row, const sdk::SamplingRecord& record) {
  std::iota(row.order.begin(), row.order.end(), 0);
  const auto logit = [&](int32_t id) { return row.logits[static_cast<size_t>(id)]; };
  std::ranges::sort(row.order, [&](int32_t a, int32_t b) {
    return logit(a) != logit(b) ? logit(a) > logit(b) : a < b;
  });
  const auto drop_from = [&](size_t n) {
    for (const int32_t id : row.order.subspan(n)) row.weights[static_cast<size_t>(id)] = 0;
  };
  size_t n = row.order.size();
  if (record.top_k > 0 && record.top_k < static_cast<int64_t>(n))
    n = static_cast<size_t>(record.top_k);
  drop_from(n);
  if (!(record.top_p < 1)) return;
  const double wanted = record.top_p * sum(row.weights);
  double reached = 0;
  for (size_t i = 0; i < n; ++i) {
    reached += row.weights[static_cast<size_t>(row.order[i])];
    if (reached >= wanted) return drop_from(i + 1);
  }
}

int32_t choose(const Row& row, const sdk::SamplingRecord& record) {
  const int32_t best = most_probable(row.logits);
  if (best == sdk::kNoToken || !(record.temperature > 0)) return best;
  const double most = row.logits[static_cast<size_t>(best)];
  for (size_t id = 0; id < row.logits.size(); ++id)
    row.weights[id] = std::exp((double{row.logits[id]} - most) / record.temperature);
  if (record.top_k > 0 || record.top_p < 1) filter(row, record);
  for (double& weight : row.weights)
    if (weight < record.min_p) weight = 0;
  const double target = sdk::uniform_at(record.seed, record.position) * sum(row.weights);
  double reached = 0;
  int32_t chosen = best;
  for (size_t id = 0; id < row.weights.size() && !(reached > target); ++id) {
    if (row.weights[id] == 0) continue;
    chosen = static_cast<int32_t>(id);
    reached += row.weights[id];
  }
  return chosen;
}

uint64_t scratch(const NodeView& node, const sirocco_limits&) {
  const int64_t width = node.input(0).dim(-1).base;
  return 2 * Scratch::size_of<double>(width) + Scratch::size_of<float>(width) +
         Scratch::size_of<int32_t>(width);
}

void run(const KernelCall& call) {
  const Tensor& x = call.input(0);
  const Tensor& settings = call.input(1);
  const int64_t width = x.width();
  call.parallel(x.rows(), 1, [&](int64_t begin, int64_t end, Scratch memory) {
    const auto doubles = memory.take<double>(width);
    const auto logits = memory.take<float>(width);
    const Row row{logits, memory.take<double>(width), memory.take<int32_t>(width)};
    for (int64_t r = begin; r < end; ++r) {
      sdk::load_row(x, r, doubles.data());
      std::ranges::transform(doubles, logits.begin(),
                             [](double logit) { return static_cast<float>(logit); });
      sdk::SamplingRecord record;
      std::memcpy(&record, settings.data + r * settings.width() * 4, sizeof record);
      const int32_t id = choose(row, record);
      std::memcpy(call.output(0).data + r * 4, &id, sizeof id);
    }
  });
}

}  // namespace

sdk::Kernel sample() {
  return {.op = "sample", .accepts = sdk::ops::check_sample, .run = run, .scratch = scratch};
}

}  // namespace sirocco::reference
