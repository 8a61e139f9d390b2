// What gates and saved deployments take from a report.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "compare/comparison.hpp"
#include "compare/report_access.hpp"
#include "runtime/backend_text.hpp"

namespace sirocco {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// As find_entry(), but null where there is none.
Json find(const Json& list, const char* key, const std::string& value) {
  const Json* found = find_entry(list, key, value);
  return found ? *found : Json();
}

/// A number at a path of members; NaN where there is none.
double number(const Json& from, std::initializer_list<const char*> path) {
  const Json found = at_path(from, path);
  return found.is_number() ? found.get<double>() : kUnknown;
}

/// Worst NMSE of the timed executable's outputs; infinite where they are not even numbers.
double output_nmse(const Json& numbers_of_arm) {
  if (!numbers_of_arm.contains("timed")) return kUnknown;
  const double nmse = number(numbers_of_arm, {"timed", "nmse"});
  return std::isnan(nmse) ? std::numeric_limits<double>::infinity() : nmse;
}

[[noreturn]] void refuse_arm(const std::string& label) {
  throw Error(ErrorKind::usage,
              fmt::format("--baseline: its report has no arm '{}' to compare with", label));
}

class Values {
 public:
  Values(const Json& report, const Json* baseline) : report_(report), baseline_(baseline) {}

  std::vector<GatedValue> take() {
    for (const Json& arm : report_["arms"]) {
      const std::string label = arm.value("label", "");
      const bool first = &arm == &report_["arms"].front();
      if (baseline_) {
        against_baseline(arm, label);
      } else if (!first) {
        against_first(arm, label);
      }
      const Json own =
          report_["numbers"].is_object() ? find(report_["numbers"]["arms"], "arm", label) : Json();
      if (own.is_object()) {
        add("nmse", output_nmse(own));
        if (own.contains("logits")) add("kl", number(own["logits"], {"comparison", "kl", "value"}));
      }
    }
    return std::move(values_);
  }

 private:
  void add(const std::string& label, double value) { values_.push_back({label, value}); }

  void against_first(const Json& arm, const std::string& label) {
    const Json& base = report_["arms"].front();
    if (report_["speed"].is_object())
      for (const Json& test : report_["speed"]["cases"]) {
        const Json found = find(test["comparisons"], "arm", label);
        add(test["label"], number(found, {"ratio"}));
      }
    add("load", number(arm, {"load_seconds"}) / number(base, {"load_seconds"}));
    add("memory", number(arm, {"memory", "peak_bytes"}) / number(base, {"memory", "peak_bytes"}));
  }

  void against_baseline(const Json& arm, const std::string& label) {
    const Json old = find((*baseline_)["arms"], "label", label);
    if (!old.is_object()) refuse_arm(label);
    if (report_["speed"].is_object())
      for (const Json& test : report_["speed"]["cases"])
        add(test["label"], ratio_of_shares(test, label));
    add("load", number(arm, {"load_seconds"}) / number(old, {"load_seconds"}));
    add("memory", number(arm, {"memory", "peak_bytes"}) / number(old, {"memory", "peak_bytes"}));
  }

  /// Speed as a share of what the probe of the same run reached: bandwidth where tokens are made,
  /// arithmetic where prompts are read.
  double ratio_of_shares(const Json& test, const std::string& label) const {
    if (!(*baseline_)["speed"].is_object()) return kUnknown;
    const Json old_test = find((*baseline_)["speed"]["cases"], "label", test["label"]);
    if (!old_test.is_object()) return kUnknown;
    const Json now = find(test["arms"], "arm", label), old = find(old_test["arms"], "arm", label);
    const char* share = test["n_gen"] > 0 ? "bandwidth_share" : "flops_share";
    return number(now, {share}) / number(old, {share});
  }

  const Json& report_;
  const Json* baseline_;
  std::vector<GatedValue> values_;
};

std::string quoted(const std::string& text) {
  return Json(text).dump();  // a JSON string is a YAML one
}

std::string deployment_text(const CompareArm& arm, const Json& report) {
  std::string text = fmt::format(
      "# The fastest of {} arms, written by `sirocco compare` at {}.\n"
      "sirocco: deployment/1\n",
      report["arms"].size(), report.value("created", ""));
  std::string paths;
  std::string backends = "backends:\n";
  for (const std::string& backend : arm.backends) {
    const BackendText parsed = parse_backend(backend);
    if (parsed.file)
      paths += fmt::format("    {}: {}\n", parsed.choice.name,
                           quoted(std::filesystem::absolute(*parsed.file).string()));
    backends += fmt::format("  - name: {}\n", quoted(parsed.choice.name));
    if (parsed.device_given) backends += fmt::format("    device: {}\n", parsed.choice.device);
    if (parsed.choice.options.empty()) continue;
    backends += "    options:\n";
    for (const auto& [key, value] : parsed.choice.options)
      backends += fmt::format("      {}: {}\n", key, quoted(std::get<std::string>(value)));
  }
  if (!paths.empty()) text += "plugins:\n  aliases:\n" + paths;
  return text + backends + "fallback: forbid\n";
}

}  // namespace

std::vector<std::string> gate_labels(const std::vector<BenchCase>& cases) {
  std::vector<std::string> labels = {"load", "memory", "kl", "nmse"};
  for (const BenchCase& test : cases) labels.push_back(test.label());
  return labels;
}

std::vector<GatedValue> gated_values(const Json& report, const Json* baseline) {
  return Values(report, baseline).take();
}

void check_baseline(const Json& baseline, const std::vector<CompareArm>& arms) {
  for (const CompareArm& arm : arms)
    if (!find(baseline["arms"], "label", arm.label).is_object()) refuse_arm(arm.label);
}

std::string save_deployment(Json& report, const std::vector<CompareArm>& arms,
                            std::optional<double> budget) {
  const CompareArm* best = nullptr;
  double most = 0;
  Json expected;
  std::string why;
  for (const CompareArm& arm : arms) {
    const auto unfit = [&](const std::string& reason) {
      why += fmt::format("\n  {}: {}", arm.label, reason);
    };
    if (find(report["arms"], "label", arm.label).value("status", "") != "ok") {
      unfit("it failed");
      continue;
    }
    if (report["numbers"].is_object()) {
      const Json own = find(report["numbers"]["arms"], "arm", arm.label);
      const double nmse = own.is_object() ? output_nmse(own) : kUnknown;
      const double allowed =
          budget.value_or(own.is_object() ? number(own, {"timed", "bound"}) : kUnknown);
      if (!(nmse <= allowed)) {
        unfit(fmt::format("its outputs drift by an NMSE of {:.3g}, {:.3g} is allowed", nmse,
                          allowed));
        continue;
      }
    }
    double sum = 0;
    Json reach = Json::array();
    for (const Json& test : report["speed"]["cases"]) {
      const Json found = find(test["comparisons"], "arm", arm.label);
      const bool first = &arm == &arms.front();
      const double ratio = first ? 1 : number(found, {"ratio"});
      sum += std::log(ratio);
      if (!first)
        reach.push_back({{"case", test["label"]}, {"ratio", ratio}, {"rerun", found["rerun"]}});
    }
    const double speed = std::exp(sum / static_cast<double>(report["speed"]["cases"].size()));
    if (std::isnan(speed)) {
      unfit("it was not timed");
      continue;
    }
    if (best && speed <= most) continue;
    best = &arm;
    most = speed;
    expected = std::move(reach);
  }
  if (!best) throw Error(ErrorKind::failure, "--save: no arm is fit to be saved:" + why);
  report["saved"] = {{"arm", best->label},
                     {"base", arms.front().label},
                     {"ratio", most},
                     {"expected", std::move(expected)}};
  if (best->deployment) {
    std::ifstream file(*best->deployment, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  return deployment_text(*best, report);
}

}  // namespace sirocco
