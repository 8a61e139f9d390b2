// `sample` chooses what the host's sampler chooses, bit by bit, and what the definition says.

#include "catch.hpp"

#include <array>

#include "reference_plugin.hpp"
#include "runtime/sampling.hpp"
#include "unit/sdk/sample_cases.hpp"

using namespace harness;

namespace {

constexpr int64_t kRows = 64;  ///< of a step
constexpr sirocco_dtype kI32 = SIROCCO_DTYPE_I32;

/// One step that samples each of these rows.
Doubles sample(sirocco_dtype dtype, const std::vector<SampleCase>& cases, uint32_t threads = 1,
               size_t stride = SIROCCO_SAMPLING_INTS) {
  const auto vocabulary = static_cast<int64_t>(cases[0].logits.size());
  OneOp test({}, threads);
  Doubles logits, settings;
  for (const SampleCase& one : cases) {
    logits.insert(logits.end(), one.logits.begin(), one.logits.end());
    const Doubles ints = ints_of(one.record);
    settings.insert(settings.end(), ints.begin(), ints.end());
    settings.resize(settings.size() + stride - ints.size(), 77);
  }
  const uint32_t x = test.input(dtype, {rows(), constant(vocabulary)}, logits);
  const uint32_t records = test.graph.value(SIROCCO_VALUE_SAMPLING, kI32,
                                            {rows(), constant(static_cast<int64_t>(stride))});
  const uint32_t ids = test.graph.output(kI32, {rows()});
  test.graph.node("sample", {x, records}, {ids});
  test.program().set(records, settings);
  return test.run(Step({{0, 1, {}}}, 4, std::vector<int32_t>(cases.size(), 0)), ids);
}

int32_t host_choice(const SampleCase& one) {
  const auto& record = one.record;
  sirocco::Sampler sampler({.temperature = record.temperature,
                            .top_k = record.top_k,
                            .top_p = record.top_p,
                            .min_p = record.min_p,
                            .seed = record.seed},
                           one.logits.size());
  std::vector<float> logits(one.logits.begin(), one.logits.end());
  return sampler.sample(logits, record.position).id;
}

}  // namespace

TEST_CASE("sample: thousands of rows are the host's choice, and what the definition says") {
  size_t unclear = 0, total = 0;
  std::set<int32_t> seen;
  for (const sirocco_dtype dtype : {SIROCCO_DTYPE_F32, SIROCCO_DTYPE_F16, SIROCCO_DTYPE_BF16}) {
    for (const int64_t vocabulary : {1, 2, 17, 300, 1000}) {
      for (uint32_t batch = 0; batch < 8; ++batch) {
        std::vector<SampleCase> cases;
        for (uint32_t row = 0; row < kRows; ++row)
          cases.push_back(
              sample_case(dtype, vocabulary, row + 1000 * batch + static_cast<uint32_t>(dtype)));
        const Doubles ids = sample(dtype, cases, batch % 2 ? 3 : 1);
        REQUIRE(ids.size() == cases.size());
        for (size_t row = 0; row < cases.size(); ++row) {
          const auto id = static_cast<int32_t>(ids[row]);
          CAPTURE(dtype, vocabulary, batch, row);
          CHECK(id == host_choice(cases[row]));
          const auto answers = SampleJudge::answers(cases[row]);
          CHECK(answers.contains(id));
          unclear += answers.size() > 1;
          ++total;
          seen.insert(id);
        }
      }
    }
  }
  CHECK(total > 7000);
  // Equal logits put edges on round shares, which top_p may name: but few rows can be unclear.
  CHECK(unclear < total / 50);
  CHECK(seen.size() > 300);
}

TEST_CASE("sample: what is no distribution has no token") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<Doubles> rows = {{0, NAN, 1},
                                     {0, kInfinity, 1},
                                     {-kInfinity, -kInfinity, -kInfinity},
                                     {-kInfinity, -40, -kInfinity}};
  for (const double temperature : {0.0, 1.0}) {
    std::vector<SampleCase> cases;
    for (const Doubles& logits : rows) cases.push_back({{.temperature = temperature}, logits});
    CHECK(sample(SIROCCO_DTYPE_F32, cases) == Doubles{-1, -1, -1, 1});
  }
}

TEST_CASE(
    "sample: a record of zeros takes the most probable, and longer records are stepped over") {
  SampleCase greedy{{}, {1, 5, 5, -3}}, drawn{{.temperature = 1, .top_k = 1}, {1, 5, 5, 9}};
  greedy.record.top_p = 0;
  CHECK(sample(SIROCCO_DTYPE_BF16, {greedy, drawn}, 1, SIROCCO_SAMPLING_INTS + 3) == Doubles{1, 3});
}

TEST_CASE("sample: what does not fit is declined") {
  const Host host;
  Backend backend(reference_backend(), host);
  const auto verdict = [&](sirocco_dtype logits, sirocco_dim of, int64_t width, sirocco_dtype ids) {
    Graph graph;
    const uint32_t x = graph.input(logits, {of, constant(9)});
    const uint32_t records = graph.value(SIROCCO_VALUE_SAMPLING, kI32, {rows(), constant(width)});
    graph.node("sample", {x, records}, {graph.output(ids, {rows()})});
    return backend.claim(graph.get())[0].verdict;
  };
  constexpr int64_t kWidth = SIROCCO_SAMPLING_INTS;
  CHECK(verdict(SIROCCO_DTYPE_F32, rows(), kWidth, kI32) == SIROCCO_CLAIM_ACCEPTED);
  CHECK(verdict(kI32, rows(), kWidth, kI32) == SIROCCO_CLAIM_DECLINED);
  CHECK(verdict(SIROCCO_DTYPE_F32, tokens(), kWidth, kI32) == SIROCCO_CLAIM_DECLINED);
  CHECK(verdict(SIROCCO_DTYPE_F32, rows(), kWidth - 1, kI32) == SIROCCO_CLAIM_DECLINED);
  CHECK(verdict(SIROCCO_DTYPE_F32, rows(), kWidth, SIROCCO_DTYPE_F32) == SIROCCO_CLAIM_DECLINED);
}
