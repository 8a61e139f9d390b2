// Sampling against exact distributions, and what it refuses.

#include "catch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include <sirocco/error.hpp>
#include <sirocco/sdk/random.hpp>

#include "runtime/sampling.hpp"

using namespace sirocco;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr uint64_t kDraws = 20000;

/// The logits of these probabilities; 0 becomes minus infinity.
std::vector<float> logits_of(const std::vector<double>& probabilities) {
  std::vector<float> logits;
  for (double p : probabilities) logits.push_back(static_cast<float>(std::log(p)));
  return logits;
}

/// How often each token is drawn at positions 0, 1, …
std::vector<uint64_t> histogram(const SamplingOptions& options, const std::vector<float>& logits) {
  std::vector<uint64_t> counts(logits.size());
  for (uint64_t position = 0; position < kDraws; ++position) {
    Sampler sampler(options, logits.size());
    std::vector<float> scratch = logits;
    ++counts[static_cast<size_t>(sampler.sample(scratch, position).id)];
  }
  return counts;
}

/// Pearson's statistic over the possible tokens; tokens that must not come are checked here.
double chi_square(const std::vector<uint64_t>& counts, const std::vector<double>& probabilities) {
  double sum = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    const double expected = probabilities[i] * static_cast<double>(kDraws);
    if (expected == 0) {
      CHECK(counts[i] == 0);
      continue;
    }
    const double off = static_cast<double>(counts[i]) - expected;
    sum += off * off / expected;
  }
  return sum;
}

int32_t one(const SamplingOptions& options, std::vector<float> logits, uint64_t position = 0) {
  return Sampler(options, logits.size()).sample(logits, position).id;
}

void refused(ErrorKind kind, const std::string& word, const std::function<void()>& body) {
  try {
    body();
    FAIL("not refused: " + word);
  } catch (const Error& e) {
    CHECK(e.kind() == kind);
    CHECK(std::string(e.what()).find(word) != std::string::npos);
  }
}

}  // namespace

TEST_CASE("the random numbers are the published Philox4x32-10") {
  using Words = std::array<uint32_t, 4>;
  const auto random = [](const sdk::Philox& counter, uint64_t key) {
    return std::to_array(sdk::philox4x32(counter, key).words);
  };
  CHECK(random({{0, 0, 0, 0}}, 0) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(random({{~0u, ~0u, ~0u, ~0u}}, ~uint64_t{0}) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(random({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0x299f31d0a4093822) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
  CHECK(sdk::uniform_at(1, 2) == sdk::uniform_at(1, 2));
  CHECK(sdk::uniform_at(1, 2) != sdk::uniform_at(2, 1));
  CHECK(sdk::uniform_at(7, uint64_t{1} << 32) != sdk::uniform_at(7, 0));
  for (uint64_t i = 0; i < 1000; ++i)
    CHECK((sdk::uniform_at(3, i) >= 0 && sdk::uniform_at(3, i) < 1));
}

// The bounds are the chi-square distribution's 99.9 % points for the degrees of freedom.
TEST_CASE("tokens are drawn as often as each filter leaves them probable") {
  const std::vector<double> p = {0.4, 0.05, 0.25, 0.1, 0.2};
  const std::vector<float> logits = logits_of(p);
  SamplingOptions plain;
  plain.temperature = 1;
  plain.seed = 42;
  CHECK(chi_square(histogram(plain, logits), p) < 18.47);

  SamplingOptions hot = plain;
  hot.temperature = 2;
  std::vector<double> roots;
  double total = 0;
  for (double x : p) total += std::sqrt(x);
  for (double x : p) roots.push_back(std::sqrt(x) / total);
  CHECK(chi_square(histogram(hot, logits), roots) < 18.47);
  CHECK(chi_square(histogram(hot, logits), p) > 100);  // the test can tell

  SamplingOptions k = plain;
  k.top_k = 3;
  CHECK(chi_square(histogram(k, logits), {0.4 / 0.85, 0, 0.25 / 0.85, 0, 0.2 / 0.85}) < 13.82);

  SamplingOptions nucleus = plain;
  nucleus.top_p = 0.6;  // 0.4 + 0.25 reaches it, the crossing one is kept
  CHECK(chi_square(histogram(nucleus, logits), {0.4 / 0.65, 0, 0.25 / 0.65, 0, 0}) < 10.83);

  SamplingOptions least = plain;
  least.min_p = 0.45;  // of 0.4: 0.18
  CHECK(chi_square(histogram(least, logits), {0.4 / 0.85, 0, 0.25 / 0.85, 0, 0.2 / 0.85}) < 13.82);
}

TEST_CASE("filters follow one another in the documented order") {
  // top_k leaves .4 .3 .2; top_p 0.7 of their 0.9 is 0.63: .4 + .3. Without top_k it is 0.7 of 1.
  SamplingOptions options;
  options.temperature = 1;
  options.top_k = 3;
  options.top_p = 0.7;
  CHECK(chi_square(histogram(options, logits_of({0.4, 0.3, 0.2, 0.1})),
                   {0.4 / 0.7, 0.3 / 0.7, 0, 0}) < 10.83);
  // A temperature of 1/2 squares probabilities before top_p sees them: .64 and .16 of .84…
  SamplingOptions cold;
  cold.temperature = 0.5;
  cold.top_p = 0.7;
  CHECK(histogram(cold, logits_of({0.6, 0.25, 0.15}))[0] == kDraws);
}

TEST_CASE("limits beyond the vocabulary, and limits of nothing") {
  SamplingOptions options;
  options.temperature = 1;
  options.top_k = 1'000'000;
  CHECK(chi_square(histogram(options, logits_of({0.5, 0.5})), {0.5, 0.5}) < 10.83);
  options.top_k = 0;
  options.top_p = 0;
  CHECK(one(options, logits_of({0.2, 0.5, 0.3})) == 1);
  options.top_p = 1;
  options.min_p = 1;
  CHECK(one(options, logits_of({0.2, 0.5, 0.3})) == 1);
  options.min_p = 0;
  options.top_k = 1;
  CHECK(one(options, logits_of({0.2, 0.5, 0.3})) == 1);
  CHECK(one(options, {3.0f}) == 0);
}

TEST_CASE("among equals the lowest id comes first") {
  CHECK(one({}, {1, 5, 5, 5}) == 1);
  SamplingOptions options;
  options.temperature = 1;
  options.top_k = 2;
  const auto counts = histogram(options, {1, 5, 5, 5});
  CHECK(counts[1] + counts[2] == kDraws);
}

TEST_CASE("a large vocabulary's nucleus is what sorting it all would give") {
  std::vector<double> p(5000);
  double total = 0;
  for (size_t i = 0; i < p.size(); ++i)
    total += p[i] = 1.0 / static_cast<double>((i * 37) % 5000 + 10);
  std::map<double, size_t, std::greater<>> sorted;
  for (size_t i = 0; i < p.size(); ++i) sorted[p[i] /= total] = i;
  double reached = 0;
  std::vector<char> kept(p.size());
  for (const auto& [probability, id] : sorted) {
    kept[id] = 1;
    if ((reached += probability) >= 0.8) break;
  }
  SamplingOptions options;
  options.temperature = 1;
  options.top_p = 0.8;
  const auto counts = histogram(options, logits_of(p));
  size_t distinct = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    if (!kept[i]) CHECK(counts[i] == 0);
    distinct += counts[i] > 0;
  }
  CHECK(distinct > 500);
}

TEST_CASE("top-k is the same set however far apart the logits are") {
  for (const float spread : {0.001f, 1.0f, 300.0f, 1e7f}) {
    CAPTURE(spread);
    std::vector<float> logits(600, -kInfinity);
    for (size_t i = 0; i < 500; ++i)
      logits[(i * 7) % 500] = -spread * static_cast<float>(i / 2);  // pairs of equals
    std::vector<size_t> order(logits.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return logits[a] > logits[b]; });
    SamplingOptions options;
    options.temperature = 100;
    options.top_k = 7;
    const auto counts = histogram(options, logits);
    uint64_t inside = 0;
    for (size_t i = 0; i < 7; ++i) inside += counts[order[i]];
    CHECK(inside == kDraws);
    CHECK(counts[order[0]] > 0);
    CHECK(counts[order[1]] > 0);
  }
}

TEST_CASE("penalties count prompts and what was generated") {
  SamplingOptions options;
  options.repetition_penalty = 2;
  Sampler repetition(options, 3);
  repetition.add_prompt(std::vector<int32_t>{0, 0, -1, 99});
  std::vector<float> logits = {3, 2, -1};
  CHECK(repetition.sample(logits, 0).id == 1);  // 3 / 2 = 1.5 < 2
  logits = {1.5f, 1, -1};
  CHECK(repetition.sample(logits, 1).id == 0);  // 0.75 and 0.5: once each, not once a time
  logits = {-1, -1, -1.5f};
  CHECK(repetition.sample(logits, 2).id == 2);  // negative ones go down too

  options = {};
  options.frequency_penalty = 1;
  Sampler frequency(options, 2);
  frequency.add_prompt(std::vector<int32_t>{0, 0, 0});  // not generated
  std::vector<int32_t> chosen;
  for (uint64_t i = 0; i < 5; ++i) {
    logits = {2.5f, 0.2f};
    chosen.push_back(frequency.sample(logits, i).id);
  }
  CHECK(chosen == std::vector<int32_t>{0, 0, 0, 1, 0});  // 2.5 1.5 .5 -.5|.2 -.5|-.8

  options = {};
  options.presence_penalty = 2;
  Sampler presence(options, 2);
  chosen.clear();
  for (uint64_t i = 0; i < 3; ++i) {
    logits = {2.5f, 1};
    chosen.push_back(presence.sample(logits, i).id);
  }
  CHECK(chosen == std::vector<int32_t>{0, 1, 0});  // 2.5 | .5 < 1 | .5 > -1
}

TEST_CASE("logprobs are the model's own, whatever the filters did") {
  SamplingOptions options;
  options.n_logprobs = 2;
  options.temperature = 3;
  options.repetition_penalty = 2;
  Sampler sampler(options, 4);
  sampler.add_prompt(std::vector<int32_t>{0});
  std::vector<float> logits = logits_of({0.5, 0.2, 0.2, 0.1});
  const Sampled sampled = sampler.sample(logits, 5);
  const std::vector<double> p = {0.5, 0.2, 0.2, 0.1};
  CHECK(sampled.logprob == Approx(std::log(p[static_cast<size_t>(sampled.id)])));
  REQUIRE(sampled.top.size() == 2);
  CHECK(sampled.top[0].id == 0);
  CHECK(sampled.top[0].logprob == Approx(std::log(0.5)));
  CHECK(sampled.top[1].id == 1);
  options.n_logprobs = 100;
  Sampler all(options, 4);
  logits = logits_of({0.5, 0.2, 0.2, 0.1});
  CHECK(all.sample(logits, 0).top.size() == 4);
}

TEST_CASE("what is no distribution is refused by token and position") {
  SamplingOptions warm;
  warm.temperature = 1;
  for (const SamplingOptions& options : {SamplingOptions{}, warm}) {
    refused(ErrorKind::failure, "token 1 at position 7 is not a number", [&] {
      one(options, {0, std::nanf(""), 1}, 7);
    });
    refused(ErrorKind::failure, "infinite", [&] { one(options, {0, kInfinity, 1}); });
    refused(ErrorKind::failure, "every logit", [&] { one(options, {-kInfinity, -kInfinity}); });
    CHECK(one(options, {-kInfinity, -40, -kInfinity}) == 1);
  }
  refused(ErrorKind::failure, "3 logits", [&] {
    std::vector<float> logits(3);
    Sampler({}, 2).sample(logits, 0);
  });
}

TEST_CASE("options out of range are refused by name") {
  const auto with = [](auto change) {
    return [change] {
      SamplingOptions options;
      change(options);
      check_sampling(options);
    };
  };
  using O = SamplingOptions;
  refused(ErrorKind::usage, "temperature", with([](O& o) { o.temperature = -0.1; }));
  refused(ErrorKind::usage, "temperature", with([](O& o) { o.temperature = std::nan(""); }));
  refused(ErrorKind::usage, "top-p", with([](O& o) { o.top_p = 1.5; }));
  refused(ErrorKind::usage, "top-k", with([](O& o) { o.top_k = -1; }));
  refused(ErrorKind::usage, "min-p", with([](O& o) { o.min_p = 2; }));
  refused(ErrorKind::usage, "repetition", with([](O& o) { o.repetition_penalty = 0; }));
  refused(ErrorKind::usage, "frequency", with([](O& o) { o.frequency_penalty = 3; }));
  refused(ErrorKind::usage, "presence", with([](O& o) { o.presence_penalty = -3; }));
}
