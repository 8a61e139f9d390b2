#include "eval/statistics.hpp"

#include <cmath>

#include <sirocco/error.hpp>

#include "catch.hpp"

using namespace sirocco;

namespace {

std::vector<RowComparison> some_rows() {
  const double log_p[] = {-1, -2, -0.5, -3, -1.5};
  const double base_log_p[] = {-1.1, -1.8, -0.4, -2.9, -1.2};
  const double kl[] = {0.01, 0.2, 0.03, 0.004, 0.05};
  std::vector<RowComparison> rows;
  for (size_t i = 0; i < 5; ++i)
    rows.push_back({kl[i], log_p[i], base_log_p[i], i != 2, i == 2 ? 0.4 : 1});
  return rows;
}

}  // namespace

TEST_CASE("a summary is what numpy makes of the same rows") {
  const ComparisonSummary summary = summarise(some_rows());
  const auto equals = [](const Measurement& figure, double value, double error) {
    CHECK(figure.value == Approx(value).epsilon(1e-12));
    CHECK(figure.error == Approx(error).epsilon(1e-12));
  };
  CHECK(summary.rows == 5);
  equals(summary.ppl, 4.953032424395115, 2.130379798642775);
  equals(summary.base_ppl, 4.392945680918757, 1.839800055961295);
  CHECK(summary.correlation == Approx(0.9881419650683895).epsilon(1e-12));
  equals(summary.log_ratio, 0.12, 0.06633249580710811);
  equals(summary.ratio, 1.1274968515793757, 0.07478968017991654);
  equals(summary.difference, 0.5600867434763579, 0.4211782037739525);
  equals(summary.kl, 0.0588, 0.03621380952067871);
  equals(summary.delta_p, -0.028408967457386476, 0.020345214211765036);
  equals(summary.rms_delta_p, 0.04962640826500813, 0.01141594216943542);
  equals(summary.same_top, 0.8, 0.2);
  CHECK(summary.top5.value == Approx(0.88));
  const Distribution& kl = summary.kl_distribution;
  CHECK(kl.maximum == 0.2);
  CHECK(kl.p99_9 == Approx(0.1994));
  CHECK(kl.p99 == Approx(0.194));
  CHECK(kl.p95 == Approx(0.17));
  CHECK(kl.p90 == Approx(0.14));
  CHECK(kl.median == 0.03);
  CHECK(kl.p10 == Approx(0.0064));
  CHECK(kl.p5 == Approx(0.0052));
  CHECK(kl.p1 == Approx(0.00424));
  CHECK(kl.p0_1 == Approx(0.004024));
  CHECK(kl.minimum == 0.004);
}

TEST_CASE("the paired error of a difference is less than that of the perplexities") {
  const ComparisonSummary summary = summarise(some_rows());
  CHECK(summary.difference.error < summary.ppl.error);
  CHECK(summary.difference.error < summary.base_ppl.error);
}

TEST_CASE("rows that equal their base differ in nothing, with no error") {
  std::vector<RowComparison> rows = some_rows();
  for (RowComparison& row : rows) row.base_log_p = row.log_p;
  const ComparisonSummary summary = summarise(rows);
  CHECK(summary.correlation == Approx(1));
  CHECK(summary.ratio.value == 1);
  CHECK(summary.ratio.error == Approx(0).margin(1e-9));
  CHECK(summary.difference.value == 0);
  CHECK(summary.rms_delta_p.value == 0);
  CHECK(summary.rms_delta_p.error == 0);
}

TEST_CASE("perplexity and its error") {
  const std::vector<double> log_ps = {std::log(0.5), std::log(0.25)};
  const Measurement ppl = perplexity_of(log_ps);
  CHECK(ppl.value == Approx(std::sqrt(8)));
  // Their ln p lie ln 2 apart: a standard error of the mean of ln 2 / 2.
  CHECK(ppl.error == Approx(std::sqrt(8) * std::log(2) / 2));
}

TEST_CASE("one row has no error that is known, none no statistics") {
  const std::vector<RowComparison> rows = {some_rows()[0]};
  const ComparisonSummary summary = summarise(rows);
  CHECK(summary.kl.value == 0.01);
  CHECK(std::isinf(summary.kl.error));
  CHECK(summary.log_ratio.value == Approx(-0.1));
  CHECK(std::isinf(summary.log_ratio.error));
  CHECK(summary.kl_distribution.p99_9 == 0.01);
  CHECK_THROWS_AS(summarise(std::span<const RowComparison>()), Error);
  CHECK_THROWS_AS(perplexity_of({}), Error);
}
