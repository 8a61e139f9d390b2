#include "compare/speed_run.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <set>

#include "compare/speed_arm.hpp"
#include "compare/speed_report.hpp"
#include "compare/verdict.hpp"

namespace sirocco {
namespace {

using Json = nlohmann::ordered_json;

/// Rounds that one process of an arm takes part in. Where memory lies, and what else is settled
/// once a process, makes processes of the same backend differ by some percent: new ones turn that
/// into noise, which the test allows for (Kalibera and Jones, Rigorous Benchmarking in Reasonable
/// Time, 2013).
constexpr int64_t kRoundsPerProcess = 3;
/// Rounds, at most, with looks at the probe, which take far longer than a short sample does. They
/// fall on any round of a process, not always on its first.
constexpr int64_t kProbedRounds = 12;

bool is_emulated(const Json& facts) {
  return std::ranges::any_of(facts.value("devices", Json::array()),
                             [](const Json& device) { return device.value("emulated", false); });
}

class SpeedRun {
 public:
  SpeedRun(const CompareSetup& setup, const std::vector<CompareArm>& arms,
           std::map<std::string, ArmState>& states, const SpeedPlan& plan,
           const CompareWatch& watch, std::map<std::string, Json>& facts)
      : arms_(arms), states_(states), plan_(plan), watch_(watch), facts_(facts) {
    for (const CompareArm& arm : arms_)
      processes_.push_back(
          std::make_unique<SpeedArm>(setup, arm, plan_, watch_, states_.at(arm.label)));
    samples_.resize(plan_.cases.size(), CaseSamples(arms_.size()));
    sample_seconds_.resize(plan_.cases.size());
    order_.resize(arms_.size());
    loads_.resize(arms_.size());
    firsts_.resize(arms_.size());
    std::iota(order_.begin(), order_.end(), size_t{0});
  }

  Json run() {
    load();
    warm_up();
    const int64_t n = comparisons();
    const int64_t repeats =
        plan_.repeats ? plan_.repeats : repeats_worth(std::max<int64_t>(n, 1), slowest_sample());
    measure(repeats);
    // Between two samples no arm notices; what is missing is missing of all.
    if (stopped())
      for (const CompareArm& arm : arms_)
        if (ArmState& state = states_.at(arm.label); state.ok()) state.status = "stopped";
    ask_memory();
    tell_loads();
    return report(repeats, std::max<int64_t>(n, 1));
  }

 private:
  bool stopped() const { return watch_.stop && watch_.stop(); }
  bool timed(size_t arm) const { return processes_[arm]->alive() && !emulated_.contains(arm); }

  /// New processes for all arms; an emulation's is only asked what it is.
  void load() {
    std::ranges::shuffle(order_, random_);
    size_t done = 0;
    for (const size_t a : order_) {
      watch_.progress("loading " + arms_[a].label, done++, arms_.size());
      if (!states_.at(arms_[a].label).ok() || emulated_.contains(a) || stopped()) continue;
      processes_[a]->end();
      std::optional<Json> facts = processes_[a]->load();
      if (!facts) continue;
      loads_[a].push_back(facts->value("load_seconds", 0.0));
      firsts_[a].push_back(facts->value("first_token_seconds", 0.0));
      facts_[arms_[a].label] = std::move(*facts);
      if (!is_emulated(facts_[arms_[a].label])) continue;
      emulated_.insert(a);
      processes_[a]->end();
    }
  }

  void tell_loads() {
    for (size_t a = 0; a < arms_.size(); ++a) {
      if (!facts_.contains(arms_[a].label)) continue;
      Json& facts = facts_[arms_[a].label];
      facts["load_seconds"] = median_of(loads_[a]);
      facts["first_token_seconds"] = median_of(firsts_[a]);
      facts["loads"] = loads_[a].size();
    }
  }

  void warm_up() {
    size_t done = 0;
    for (size_t c = 0; c < plan_.cases.size(); ++c) {
      for (size_t a = 0; a < arms_.size(); ++a) {
        watch_.progress("warming up", done++, plan_.cases.size() * arms_.size());
        if (!timed(a) || stopped()) continue;
        const auto warm = processes_[a]->ask({{"do", "warm_up"}, {"case", c}});
        if (warm) sample_seconds_[c] = std::max(sample_seconds_[c], warm->value("seconds", 0.0));
      }
    }
  }

  /// Of the arm that took longest, on average over the tests.
  double slowest_sample() const {
    return std::accumulate(sample_seconds_.begin(), sample_seconds_.end(), 0.0) /
           static_cast<double>(sample_seconds_.size());
  }

  int64_t comparisons() const {
    int64_t others = 0;
    for (size_t a = 1; a < arms_.size(); ++a) others += timed(a);
    return timed(0) ? others * static_cast<int64_t>(plan_.cases.size()) : 0;
  }

  void measure(int64_t repeats) {
    const int64_t per_probe = (repeats + kProbedRounds - 1) / kProbedRounds;
    const size_t total = static_cast<size_t>(repeats) * plan_.cases.size();
    size_t done = 0;
    for (int64_t repeat = 0; repeat < repeats && !stopped(); ++repeat) {
      if (repeat > 0 && repeat % kRoundsPerProcess == 0) {
        load();
        warm_up();
      }
      for (size_t c = 0; c < plan_.cases.size() && !stopped(); ++c) {
        watch_.progress("measuring " + plan_.cases[c].label(), done++, total);
        std::ranges::shuffle(order_, random_);
        std::vector<std::optional<Json>> round(arms_.size());
        const bool probe = plan_.probes && repeat % per_probe == repeat / per_probe % per_probe;
        for (const size_t a : order_)
          if (timed(a))
            round[a] = processes_[a]->ask({{"do", "sample"}, {"case", c}, {"probe", probe}});
        for (size_t a = 0; a < arms_.size(); ++a)
          if (round[a]) {
            (*round[a])["round"] = repeat;
            samples_[c][a].push_back(std::move(*round[a]));
          }
      }
    }
  }

  void ask_memory() {
    for (size_t a = 0; a < arms_.size(); ++a) {
      if (auto memory = processes_[a]->ask({{"do", "memory"}}))
        facts_[arms_[a].label]["memory"] = std::move(*memory);
      processes_[a]->end();
    }
  }

  Json report(int64_t repeats, int64_t n_comparisons) const {
    Json speed = {{"alpha", kSignificance},
                  {"comparisons", n_comparisons},
                  {"repeats", repeats},
                  {"repeats_needed", repeats_needed(n_comparisons)},
                  {"seed", plan_.seed},
                  {"base", arms_[0].label},
                  {"sample_seconds", plan_.least_seconds},
                  {"emulated", Json::array()},
                  {"cases", Json::array()}};
    SpeedReportPlan plan;
    plan.n_comparisons = n_comparisons;
    plan.probes = plan_.probes;
    for (size_t a = 0; a < arms_.size(); ++a) {
      plan.labels.push_back(arms_[a].label);
      plan.timed.push_back(!emulated_.contains(a));
      if (emulated_.contains(a)) speed["emulated"].push_back(arms_[a].label);
    }
    for (size_t c = 0; c < plan_.cases.size(); ++c)
      speed["cases"].push_back(case_report(plan_.cases[c], samples_[c], plan));
    return speed;
  }

  const std::vector<CompareArm>& arms_;
  std::map<std::string, ArmState>& states_;
  const SpeedPlan& plan_;
  const CompareWatch& watch_;
  std::map<std::string, Json>& facts_;
  std::vector<std::unique_ptr<SpeedArm>> processes_;
  std::vector<CaseSamples> samples_;                 ///< by case
  std::vector<double> sample_seconds_;               ///< by case, of the arm that took longest
  std::vector<std::vector<double>> loads_, firsts_;  ///< by arm
  std::vector<size_t> order_;
  std::set<size_t> emulated_;
  std::mt19937_64 random_{plan_.seed};
};

}  // namespace

Json run_speed(const CompareSetup& setup, const std::vector<CompareArm>& arms,
               std::map<std::string, ArmState>& states, const SpeedPlan& plan,
               const CompareWatch& watch, std::map<std::string, Json>& facts) {
  return SpeedRun(setup, arms, states, plan, watch, facts).run();
}

}  // namespace sirocco
