#pragma once
// Rows of logits and settings for the op `sample`, and a judge in higher precision that shares no
// code with a kernel.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <set>
#include <vector>

#include <sirocco/abi/types.h>
#include <sirocco/sdk/random.hpp>
#include <sirocco/sdk/sampling.hpp>

namespace harness {

struct SampleCase {
  sirocco::sdk::SamplingRecord record;
  std::vector<double> logits;  ///< each a number that the dtype holds
};

/// Logits far apart and close together, with ties and impossible tokens, under every filter.
inline SampleCase sample_case(sirocco_dtype dtype, int64_t vocabulary, uint32_t seed) {
  std::mt19937 engine(seed);
  const auto pick = [&](auto... values) {
    const double all[] = {static_cast<double>(values)...};
    return all[engine() % std::size(all)];
  };
  const auto rounded = [&](double x) {
    if (dtype == SIROCCO_DTYPE_F32) return double{static_cast<float>(x)};
    // Eight bits of a number of middling size: bf16 holds it, and so does f16.
    int exponent = 0;
    const double fraction = std::frexp(x, &exponent);
    return exponent < -10 ? 0 : std::ldexp(std::round(std::ldexp(fraction, 8)), exponent - 8);
  };
  SampleCase made;
  std::normal_distribution<double> normal;
  const double scale = pick(0.01, 1, 5, 30), step = pick(0, 0, 0.25, 2, 100);
  for (int64_t id = 0; id < vocabulary; ++id) {
    const double logit = normal(engine) * scale;
    made.logits.push_back(rounded(step > 0 ? std::round(logit / step) * step : logit));
  }
  if (engine() % 4 == 0)
    for (size_t id = 1; id < made.logits.size(); ++id)
      if (engine() % 2) made.logits[id] = -std::numeric_limits<double>::infinity();
  auto& record = made.record;
  record.seed = uint64_t{engine()} << 32 | engine();
  record.position = engine() % 4 ? engine() % 5000 : uint64_t{engine()} << 20;
  record.temperature = pick(0, 0.05, 0.7, 1, 1, 2.5, 100);
  record.top_k = static_cast<int64_t>(
      pick(0, 0, 0, 1, 2, 7, 40, vocabulary / 2, vocabulary - 1, vocabulary, vocabulary + 5));
  record.top_p = pick(1, 1, 0, 1e-9, 0.1, 0.5, 0.9, 0.999);
  record.min_p = pick(0, 0, 0.01, 0.3, 1);
  return made;
}

/// The record as the numbers that a value of i32 is set from.
inline std::vector<double> ints_of(const sirocco::sdk::SamplingRecord& record) {
  int32_t ints[SIROCCO_SAMPLING_INTS];
  std::memcpy(ints, &record, sizeof ints);
  return {ints, ints + SIROCCO_SAMPLING_INTS};
}

/// What a correct kernel may answer: one id, or a few where top_p or the random number falls within
/// the rounding of sums of doubles of an edge between tokens.
class SampleJudge {
 public:
  static std::set<int32_t> answers(const SampleCase& given) {
    // Sums of some thousand doubles in any order are off by less than this of them.
    constexpr long double kRounding = 1e-12L;
    std::set<int32_t> ids;
    for (const long double p : {-kRounding, 0.0L, kRounding})
      for (const long double u : {-kRounding, 0.0L, kRounding}) ids.insert(answer(given, p, u));
    return ids;
  }

 private:
  static int32_t answer(const SampleCase& given, long double shift_p, long double shift_u) {
    const auto& logits = given.logits;
    const auto& record = given.record;
    std::vector<size_t> kept(logits.size());
    std::iota(kept.begin(), kept.end(), size_t{0});
    std::ranges::stable_sort(kept, [&](size_t a, size_t b) { return logits[a] > logits[b]; });
    if (record.temperature == 0) return static_cast<int32_t>(kept[0]);
    if (record.top_k > 0 && static_cast<size_t>(record.top_k) < kept.size())
      kept.resize(static_cast<size_t>(record.top_k));
    const double most = logits[kept[0]];
    const auto weight = [&](size_t id) {
      const long double below = static_cast<long double>(logits[id]) - most;
      const long double exact = std::exp(below / static_cast<long double>(record.temperature));
      return static_cast<double>(exact) == 0 ? 0.0L : exact;
    };
    const auto sum = [&] {
      return std::accumulate(kept.begin(), kept.end(), 0.0L,
                             [&](long double all, size_t id) { return all + weight(id); });
    };
    if (record.top_p < 1) {
      const long double wanted = (record.top_p + shift_p) * sum();
      size_t n = 0;
      for (long double reached = 0; n < kept.size() && (n == 0 || reached < wanted);)
        reached += weight(kept[n++]);
      kept.resize(n);
    }
    std::erase_if(kept, [&](size_t id) { return weight(id) < record.min_p || weight(id) == 0; });
    std::ranges::sort(kept);
    const double uniform = sirocco::sdk::uniform_at(record.seed, record.position);
    const long double target = (uniform + shift_u) * sum();
    long double reached = 0;
    for (const size_t id : kept)
      if ((reached += weight(id)) > target) return static_cast<int32_t>(id);
    return static_cast<int32_t>(kept.back());
  }
};

}  // namespace harness
