#include "compare/numbers_run.hpp"

#include <optional>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "compare/child.hpp"

namespace sirocco {
namespace {

using Json = nlohmann::ordered_json;

/// Runs a process to its end and hands over every line it says, JSON or a part of it. False where
/// it failed or was stopped, which the state then says.
bool run_to_end(const std::vector<std::string>& arguments, const CompareSetup& setup,
                const CompareWatch& watch, ArmState& state, const std::string& doing,
                const std::function<void(const std::string& line)>& take) {
  try {
    Child child(arguments);
    child.close_input();
    std::string line;
    for (;;) {
      const Child::Got got =
          child.read_line(line, std::chrono::seconds(setup.deadline_seconds), watch.stop);
      if (got == Child::Got::line) {
        take(line);
      } else if (got == Child::Got::stopped) {
        state.stop();
        return false;
      } else if (got == Child::Got::late) {
        state.fail(fmt::format("{}: gave no answer within {} s, and was ended", doing,
                               setup.deadline_seconds));
        return false;
      } else {
        break;
      }
    }
    const Child::Exit exit = child.end();
    if (exit.ok) return true;
    state.fail(doing + ": " + exit.text);
  } catch (const nlohmann::json::exception& e) {
    state.fail(doing + ": said what cannot be read: " + e.what());
  } catch (const Error& e) {
    state.fail(doing + ": " + e.what());
  }
  return false;
}

class NumbersRun {
 public:
  NumbersRun(const CompareSetup& setup, const std::vector<CompareArm>& arms,
             std::map<std::string, ArmState>& states, const NumbersPlan& plan,
             const CompareWatch& watch, std::map<std::string, Json>& facts)
      : setup_(setup), arms_(arms), states_(states), plan_(plan), watch_(watch), facts_(facts) {}

  Json run() {
    total_ = (arms_.size() + 1) * (plan_.text.empty() ? 1 : 2);
    Json numbers = {{"against", plan_.reference.label},
                    {"prompt_tokens", plan_.prompt_tokens},
                    {"single_tokens", plan_.single_tokens},
                    {"text", plan_.text},
                    {"arms", Json::array()}};
    ArmState reference;
    const bool recorded = record(reference, numbers);
    const bool based = recorded && !plan_.text.empty() && save_base(reference, numbers);
    numbers["problem"] = reference.problem;
    for (const CompareArm& arm : arms_) {
      Json found = {{"arm", arm.label}};
      ArmState& state = states_.at(arm.label);
      if (watch_.stop && watch_.stop()) {
        state.stop();
      } else if (recorded) {
        check(arm, state, found);
        if (based) compare_logits(arm, state, found);
      }
      numbers["arms"].push_back(std::move(found));
    }
    return numbers;
  }

 private:
  std::string file(const char* name) const { return (plan_.folder / name).string(); }
  void show(const std::string& what) { watch_.progress(what, done_++, total_); }

  bool record(ArmState& state, Json& numbers) {
    show("recording " + plan_.reference.label);
    std::vector<std::string> arguments = arm_arguments(setup_, plan_.reference, "record");
    arguments.insert(arguments.end(), {"--recording", file("recording"), "--prompt-tokens",
                                       std::to_string(plan_.prompt_tokens), "--single-tokens",
                                       std::to_string(plan_.single_tokens)});
    if (!plan_.text.empty()) arguments.insert(arguments.end(), {"--text", plan_.text});
    return run_to_end(arguments, setup_, watch_, state, "recording", [&](const std::string& line) {
      const Json stage = Json::parse(line);
      if (stage.value("stage", "") == "recorded") numbers["numerics"] = stage["numerics"];
    });
  }

  std::vector<std::string> perplexity(const CompareArm& arm) const {
    std::vector<std::string> arguments = {"perplexity", setup_.model, "--text", plan_.text,
                                          "--json"};
    const std::vector<std::string> flags = arm_flags(setup_, arm);
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return arguments;
  }

  /// One JSON object that may take several lines.
  std::optional<Json> run_perplexity(const std::vector<std::string>& arguments, ArmState& state) {
    std::string whole;
    if (!run_to_end(arguments, setup_, watch_, state, "logits",
                    [&](const std::string& line) { whole += line + "\n"; }))
      return std::nullopt;
    Json found = Json::parse(whole, nullptr, false);
    if (!found.is_discarded()) return found;
    state.fail("logits: said what cannot be read");
    return std::nullopt;
  }

  bool save_base(ArmState& state, Json& numbers) {
    show("logits of " + plan_.reference.label);
    std::vector<std::string> arguments = perplexity(plan_.reference);
    arguments.insert(arguments.end(), {"--save-base", file("base"), "--base-dtype", "f32"});
    const auto found = run_perplexity(arguments, state);
    if (found) numbers["perplexity"] = *found;
    return found.has_value();
  }

  void check(const CompareArm& arm, ArmState& state, Json& found) {
    show("numbers of " + arm.label);
    std::vector<std::string> arguments = arm_arguments(setup_, arm, "numbers");
    arguments.insert(arguments.end(), {"--recording", file("recording")});
    if (plan_.bisect) {
      arguments.push_back("--bisect");
      for (const std::string& backend : plan_.reference.backends)
        arguments.insert(arguments.end(), {"--reference", backend});
    }
    run_to_end(arguments, setup_, watch_, state, "numbers", [&](const std::string& line) {
      Json stage = Json::parse(line);
      const std::string name = stage.value("stage", "");
      stage.erase("stage");
      if (name == "placement") {
        facts_[arm.label]["plan"] = stage["plan"];
      } else {
        found[name] = std::move(stage);
      }
    });
  }

  void compare_logits(const CompareArm& arm, ArmState& state, Json& found) {
    show("logits of " + arm.label);
    if (!state.ok()) return;
    std::vector<std::string> arguments = perplexity(arm);
    arguments.insert(arguments.end(), {"--base", file("base")});
    if (auto logits = run_perplexity(arguments, state)) found["logits"] = std::move(*logits);
  }

  const CompareSetup& setup_;
  const std::vector<CompareArm>& arms_;
  std::map<std::string, ArmState>& states_;
  const NumbersPlan& plan_;
  const CompareWatch& watch_;
  std::map<std::string, Json>& facts_;
  size_t done_ = 0, total_ = 0;
};

}  // namespace

Json run_numbers(const CompareSetup& setup, const std::vector<CompareArm>& arms,
                 std::map<std::string, ArmState>& states, const NumbersPlan& plan,
                 const CompareWatch& watch, std::map<std::string, Json>& facts) {
  return NumbersRun(setup, arms, states, plan, watch, facts).run();
}

}  // namespace sirocco
