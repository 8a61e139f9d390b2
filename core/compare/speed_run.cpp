#include "compare/speed_run.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <random>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "bench/disturbance.hpp"
#include "bench/spread.hpp"
#include "compare/child.hpp"
#include "compare/verdict.hpp"

namespace sirocco {
namespace {

using Json = nlohmann::ordered_json;

/// Time for a process to end once it is told to.
constexpr std::chrono::seconds kEnding{20};

/// One arm's process while it is measured.
class SpeedArm {
 public:
  SpeedArm(const CompareSetup& setup, const CompareArm& arm, const SpeedPlan& plan,
           const CompareWatch& watch, ArmState& state)
      : deadline_(setup.deadline_seconds), watch_(watch), state_(state) {
    arguments_ = arm_arguments(setup, arm, "speed");
    arguments_.insert(arguments_.end(), plan.case_flags.begin(), plan.case_flags.end());
    if (!plan.probes) arguments_.push_back("--no-probes");
  }

  bool alive() const { return child_ && state_.ok(); }

  /// Starts a process and waits for its first token; what it says of itself.
  std::optional<Json> load() {
    child_.reset();
    try {
      child_ = std::make_unique<Child>(arguments_);
    } catch (const Error& e) {
      state_.fail(e.what());
      return std::nullopt;
    }
    return answer();
  }

  std::optional<Json> ask(const Json& request) {
    if (!alive()) return std::nullopt;
    if (!child_->write_line(request.dump())) {
      lose();
      return std::nullopt;
    }
    return answer();
  }

  void end() {
    if (child_) child_->wait(kEnding);
    child_.reset();
  }

 private:
  std::optional<Json> answer() {
    std::string line;
    switch (child_->read_line(line, deadline_, watch_.stop)) {
      case Child::Got::line:
        try {
          return Json::parse(line);
        } catch (const nlohmann::json::exception&) {
          state_.fail("said what cannot be read: " + line.substr(0, 200));
          child_.reset();
          return std::nullopt;
        }
      case Child::Got::stopped:
        if (state_.ok()) state_.status = "stopped";
        child_.reset();
        return std::nullopt;
      case Child::Got::late:
        state_.fail(fmt::format("gave no answer within {} s, and was ended", deadline_.count()));
        child_.reset();
        return std::nullopt;
      case Child::Got::end:
        break;
    }
    lose();
    return std::nullopt;
  }

  void lose() {
    state_.fail(child_->wait(kEnding).text);
    child_.reset();
  }

  std::vector<std::string> arguments_;
  std::chrono::seconds deadline_;
  const CompareWatch& watch_;
  ArmState& state_;
  std::unique_ptr<Child> child_;
};

double median_of(const std::vector<double>& values) {
  return values.empty() ? 0 : spread(values).median;
}

Json interval_json(const Interval& interval) {
  return {{"low", interval.low}, {"high", interval.high}};
}

Json estimate_json(const Estimate& estimate) {
  return {
      {"value", estimate.value}, {"low", estimate.interval.low}, {"high", estimate.interval.high}};
}

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
    samples_.resize(plan_.cases.size(), std::vector<std::vector<Json>>(arms_.size()));
    order_.resize(arms_.size());
    std::iota(order_.begin(), order_.end(), size_t{0});
  }

  Json run() {
    load();
    warm_up();
    const int64_t n = comparisons();
    const int64_t repeats =
        plan_.repeats ? plan_.repeats : repeats_advised(std::max<int64_t>(n, 1));
    measure(repeats);
    ask_memory();
    return report(repeats, std::max<int64_t>(n, 1));
  }

 private:
  bool stopped() const { return watch_.stop && watch_.stop(); }
  bool timed(size_t arm) const { return processes_[arm]->alive() && !emulated_.contains(arm); }

  void load() {
    std::vector<std::vector<double>> loads(arms_.size()), firsts(arms_.size());
    const auto total = static_cast<size_t>(plan_.loads) * arms_.size();
    size_t done = 0;
    for (int64_t round = 0; round < plan_.loads; ++round) {
      std::ranges::shuffle(order_, random_);
      for (const size_t a : order_) {
        watch_.progress("loading " + arms_[a].label, done++, total);
        ArmState& state = states_.at(arms_[a].label);
        if (!state.ok() || stopped()) continue;
        std::optional<Json> facts = processes_[a]->load();
        if (!facts) continue;
        loads[a].push_back(facts->value("load_seconds", 0.0));
        firsts[a].push_back(facts->value("first_token_seconds", 0.0));
        if (is_emulated(*facts)) emulated_.insert({a, true});
        facts_[arms_[a].label] = std::move(*facts);
        // An emulation takes long to load and its load time says nothing.
        if (round + 1 < plan_.loads && !emulated_.contains(a)) processes_[a]->end();
      }
    }
    for (size_t a = 0; a < arms_.size(); ++a) {
      if (!facts_.contains(arms_[a].label)) continue;
      Json& facts = facts_[arms_[a].label];
      facts["load_seconds"] = median_of(loads[a]);
      facts["first_token_seconds"] = median_of(firsts[a]);
      facts["loads"] = loads[a].size();
      if (emulated_.contains(a)) processes_[a]->end();
    }
  }

  void warm_up() {
    size_t done = 0;
    for (size_t c = 0; c < plan_.cases.size(); ++c) {
      for (size_t a = 0; a < arms_.size(); ++a) {
        watch_.progress("warming up", done++, plan_.cases.size() * arms_.size());
        if (timed(a) && !stopped()) processes_[a]->ask({{"do", "warm_up"}, {"case", c}});
      }
    }
  }

  int64_t comparisons() const {
    int64_t others = 0;
    for (size_t a = 1; a < arms_.size(); ++a) others += timed(a);
    return timed(0) ? others * static_cast<int64_t>(plan_.cases.size()) : 0;
  }

  void measure(int64_t repeats) {
    const size_t total = static_cast<size_t>(repeats) * plan_.cases.size();
    size_t done = 0;
    for (int64_t repeat = 0; repeat < repeats && !stopped(); ++repeat) {
      for (size_t c = 0; c < plan_.cases.size() && !stopped(); ++c) {
        watch_.progress("measuring " + plan_.cases[c].label(), done++, total);
        std::ranges::shuffle(order_, random_);
        std::vector<std::optional<Json>> round(arms_.size());
        for (const size_t a : order_)
          if (timed(a)) round[a] = processes_[a]->ask({{"do", "sample"}, {"case", c}});
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

  /// Speeds of two arms in the rounds that both took part in.
  std::pair<std::vector<double>, std::vector<double>> pairs(size_t c, size_t a) const {
    std::pair<std::vector<double>, std::vector<double>> found;
    for (const Json& first : samples_[c][0])
      for (const Json& second : samples_[c][a])
        if (first["round"] == second["round"]) {
          found.first.push_back(first["tokens_per_second"].get<double>());
          found.second.push_back(second["tokens_per_second"].get<double>());
        }
    return found;
  }

  Json compare(size_t c, size_t a, int64_t n_comparisons) const {
    Json result = {{"arm", arms_[a].label}, {"base", arms_[0].label}};
    const auto [first, second] = pairs(c, a);
    if (static_cast<int64_t>(first.size()) < repeats_needed(n_comparisons)) {
      result["verdict"] = "not measured";
      result["pairs"] = first.size();
      return result;
    }
    const PairedComparison found = compare_pairs(first, second, Better::higher, n_comparisons);
    result["pairs"] = found.n_pairs;
    result["ratio"] = found.ratio.value;
    result["low"] = found.ratio.interval.low;
    result["high"] = found.ratio.interval.high;
    result["p"] = found.p_value;
    result["rerun"] = interval_json(found.rerun);
    result["verdict"] = verdict_name(found.verdict);
    return result;
  }

  Json arm_figures(size_t c, size_t a) const {
    const std::vector<Json>& samples = samples_[c][a];
    Json figures = {{"arm", arms_[a].label}, {"n", samples.size()}};
    if (samples.empty()) return figures;
    const auto all = [&](const char* name) {
      std::vector<double> values;
      for (const Json& sample : samples) values.push_back(sample[name].get<double>());
      return values;
    };
    const std::vector<double> speeds = all("tokens_per_second");
    figures["tokens_per_second"] = speeds.size() >= 6
                                       ? estimate_json(median_estimate(speeds, 1 - kSignificance))
                                       : Json{{"value", median_of(speeds)},
                                              {"low", spread(speeds).least},
                                              {"high", spread(speeds).most}};
    figures["overhead_share"] = median_of(all("overhead_share"));
    if (plan_.probes)
      for (const char* share : {"bandwidth_share", "own_bandwidth_share", "flops_share"})
        figures[share] = median_of(all(share));
    const double best =
        std::max({median_of(all("bandwidth_share")), median_of(all("flops_share"))});
    // More than there is to be had: the probe is what is wrong.
    figures["probe_exceeded"] = best > 1.02;
    const std::vector<double> disturbed = all("disturbance");
    figures["disturbed"] =
        std::ranges::count_if(disturbed, [](double share) { return share > kDisturbed; });
    figures["samples"] = speeds;
    return figures;
  }

  Json report(int64_t repeats, int64_t n_comparisons) const {
    Json speed = {{"alpha", kSignificance},    {"comparisons", n_comparisons},
                  {"repeats", repeats},        {"repeats_needed", repeats_needed(n_comparisons)},
                  {"seed", plan_.seed},        {"base", arms_[0].label},
                  {"emulated", Json::array()}, {"cases", Json::array()}};
    for (const auto& [a, _] : emulated_) speed["emulated"].push_back(arms_[a].label);
    for (size_t c = 0; c < plan_.cases.size(); ++c) {
      const BenchCase& test = plan_.cases[c];
      Json entry = {{"label", test.label()},       {"n_prompt", test.n_prompt},
                    {"n_gen", test.n_gen},         {"depth", test.depth},
                    {"batch", test.batch},         {"arms", Json::array()},
                    {"comparisons", Json::array()}};
      for (size_t a = 0; a < arms_.size(); ++a) {
        if (emulated_.contains(a)) continue;
        entry["arms"].push_back(arm_figures(c, a));
        if (a > 0) entry["comparisons"].push_back(compare(c, a, n_comparisons));
      }
      speed["cases"].push_back(std::move(entry));
    }
    return speed;
  }

  const std::vector<CompareArm>& arms_;
  std::map<std::string, ArmState>& states_;
  const SpeedPlan& plan_;
  const CompareWatch& watch_;
  std::map<std::string, Json>& facts_;
  std::vector<std::unique_ptr<SpeedArm>> processes_;
  std::vector<std::vector<std::vector<Json>>> samples_;  ///< by case, by arm
  std::vector<size_t> order_;
  std::map<size_t, bool> emulated_;
  std::mt19937_64 random_{plan_.seed};
};

}  // namespace

Json run_speed(const CompareSetup& setup, const std::vector<CompareArm>& arms,
               std::map<std::string, ArmState>& states, const SpeedPlan& plan,
               const CompareWatch& watch, std::map<std::string, Json>& facts) {
  return SpeedRun(setup, arms, states, plan, watch, facts).run();
}

}  // namespace sirocco
