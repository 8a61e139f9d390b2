#include "compare/speed_report.hpp"

#include <algorithm>

#include "bench/disturbance.hpp"
#include "bench/spread.hpp"
#include "compare/verdict.hpp"

namespace sirocco {
namespace {

using Json = nlohmann::ordered_json;

Json interval_json(const Interval& interval) {
  return {{"low", interval.low}, {"high", interval.high}};
}

Json estimate_json(const Estimate& estimate) {
  return {
      {"value", estimate.value}, {"low", estimate.interval.low}, {"high", estimate.interval.high}};
}

class CaseReport {
 public:
  CaseReport(const CaseSamples& samples, const SpeedReportPlan& plan)
      : samples_(samples), plan_(plan) {}

  /// Speeds of two arms in the rounds that both took part in.
  std::pair<std::vector<double>, std::vector<double>> pairs(size_t a) const {
    std::pair<std::vector<double>, std::vector<double>> found;
    for (const Json& first : samples_[0])
      for (const Json& second : samples_[a])
        if (first["round"] == second["round"]) {
          found.first.push_back(first["tokens_per_second"].get<double>());
          found.second.push_back(second["tokens_per_second"].get<double>());
        }
    return found;
  }

  Json compare(size_t a) const {
    Json result = {{"arm", plan_.labels[a]}, {"base", plan_.labels[0]}};
    const auto [first, second] = pairs(a);
    if (static_cast<int64_t>(first.size()) < repeats_needed(plan_.n_comparisons)) {
      result["verdict"] = "not measured";
      result["pairs"] = first.size();
      return result;
    }
    const PairedComparison found =
        compare_pairs(first, second, Better::higher, plan_.n_comparisons);
    result["pairs"] = found.n_pairs;
    result["ratio"] = found.ratio.value;
    result["low"] = found.ratio.interval.low;
    result["high"] = found.ratio.interval.high;
    result["p"] = found.p_value;
    result["rerun"] = interval_json(found.rerun);
    result["verdict"] = verdict_name(found.verdict);
    return result;
  }

  Json arm_figures(size_t a) const {
    const std::vector<Json>& samples = samples_[a];
    Json figures = {{"arm", plan_.labels[a]}, {"n", samples.size()}};
    if (samples.empty()) return figures;
    const auto all = [&](const char* name) {
      std::vector<double> values;
      values.reserve(samples.size());
      for (const Json& sample : samples)
        if (sample.contains(name)) values.push_back(sample[name].get<double>());
      return values;
    };
    const std::vector<double> speeds = all("tokens_per_second");
    figures["tokens_per_second"] = speeds.size() >= 6
                                       ? estimate_json(median_estimate(speeds, 1 - kSignificance))
                                       : Json{{"value", median_of(speeds)},
                                              {"low", spread(speeds).least},
                                              {"high", spread(speeds).most}};
    const std::vector<double> overheads = all("overhead_share");
    figures["overhead_share"] = overheads.empty() ? Json() : Json(median_of(overheads));
    if (plan_.probes)
      for (const char* share : {"bandwidth_share", "own_bandwidth_share", "flops_share"})
        figures[share] = median_of(all(share));
    const double best =
        std::max({median_of(all("bandwidth_share")), median_of(all("flops_share"))});
    // More than there is to be had: the probe is what is wrong.
    figures["probe_exceeded"] = best > 1.02;
    const std::vector<double> disturbed = all("disturbance");
    figures["disturbed"] =
        disturbed.empty()
            ? Json()
            : Json(std::ranges::count_if(disturbed, [](double x) { return x > kDisturbed; }));
    figures["samples"] = speeds;
    return figures;
  }

 private:
  const CaseSamples& samples_;
  const SpeedReportPlan& plan_;
};

}  // namespace

double median_of(const std::vector<double>& values) {
  return values.empty() ? 0 : spread(values).median;
}

Json case_report(const BenchCase& test, const CaseSamples& samples, const SpeedReportPlan& plan) {
  Json entry = {{"label", test.label()},       {"n_prompt", test.n_prompt}, {"n_gen", test.n_gen},
                {"depth", test.depth},         {"batch", test.batch},       {"arms", Json::array()},
                {"comparisons", Json::array()}};
  const CaseReport report(samples, plan);
  for (size_t a = 0; a < plan.labels.size(); ++a) {
    if (!plan.timed[a]) continue;
    entry["arms"].push_back(report.arm_figures(a));
    if (a > 0) entry["comparisons"].push_back(report.compare(a));
  }
  return entry;
}

}  // namespace sirocco
