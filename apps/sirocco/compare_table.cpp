#include "compare_table.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "compare/report_access.hpp"
#include "runtime/plan_report.hpp"
#include "text_table.hpp"

namespace sirocco::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string number(const Json& value, const char* format, const char* otherwise = "-") {
  return value.is_number() ? fmt::format(fmt::runtime(format), value.get<double>()) : otherwise;
}

class Text {
 public:
  Text(const Json& report, bool markdown) : report_(report), markdown_(markdown) {}

  std::string text() {
    head();
    arms();
    speed();
    numbers();
    bisections();
    saved();
    return std::move(text_);
  }

 private:
  std::string label(const Json& arm) const { return arm.value("label", ""); }
  void title(const std::string& what) {
    text_ += markdown_ ? "\n## " + what + "\n\n" : "\n" + what + "\n";
  }
  std::vector<std::string> labels(const std::string& corner) const {
    std::vector<std::string> header{corner};
    for (const Json& arm : report_["arms"]) header.push_back(label(arm));
    return header;
  }

  void head() {
    const Json& machine = report_["fingerprint"];
    text_ += fmt::format(
        "{}{}: {} on {}, {} threads\n", markdown_ ? "# " : "", report_.value("model", ""),
        at_path(report_, {"numbers", "numerics"}).is_string()
            ? at_path(report_, {"numbers", "numerics"}).get<std::string>()
            : "as the checkpoint is",
        machine.value("cpu", "an unknown processor"), machine.value("threads_usable", 0));
    if (markdown_) text_ += "\n";
    for (const Json& arm : report_["arms"])
      if (arm.value("status", "") != "ok")
        text_ +=
            fmt::format("{}{}: {}{}\n", markdown_ ? "- " : "", label(arm), arm.value("status", ""),
                        arm.value("problem", "").empty() ? "" : ": " + arm.value("problem", ""));
  }

  void arms() {
    title("Arms");
    TextTable table(labels(""));
    const auto row = [&](const std::string& name, const auto& cell) {
      std::vector<std::string> cells{name};
      for (const Json& arm : report_["arms"]) cells.push_back(cell(arm));
      table.add(std::move(cells));
    };
    row("placement", [](const Json& arm) {
      const Json line = at_path(arm, {"plan", "placement", "line"});
      return line.is_string() ? line.get<std::string>() : std::string("-");
    });
    row("sub-graphs, fallback nodes", [](const Json& arm) {
      const Json parts = at_path(arm, {"plan", "placement", "sub_graphs"});
      return parts.is_number()
                 ? fmt::format("{}, {}", parts.get<int>(),
                               at_path(arm, {"plan", "placement", "fallback_nodes"}).get<int>())
                 : std::string("-");
    });
    if (report_["speed"].is_object()) {
      row("load s (median)",
          [](const Json& arm) { return number(at_path(arm, {"load_seconds"}), "{:.3f}"); });
      row("cold start to first token s",
          [](const Json& arm) { return number(at_path(arm, {"first_token_seconds"}), "{:.3f}"); });
      row("peak memory: process", [](const Json& arm) {
        const Json peak = at_path(arm, {"memory", "peak_bytes"});
        return peak.is_number() ? bytes_text(peak.get<uint64_t>()) : std::string("-");
      });
      row("  taken on devices", [](const Json& arm) {
        return held(at_path(arm, {"memory", "devices"}));
      });
      row("  planned there, mapped weights included", [](const Json& arm) {
        return planned(at_path(arm, {"plan", "devices"}));
      });
      row("probe: GB/s, GFLOP/s", [](const Json& arm) { return probe(at_path(arm, {"memory"})); });
      row("own product: GB/s, GFLOP/s", [](const Json& arm) {
        const Json devices = at_path(arm, {"memory", "devices"});
        return devices.is_array() && !devices.empty() ? probe(devices[0]) : std::string("-");
      });
    }
    text_ += table.text(markdown_);
  }

  /// "a 1.5 GiB, b 20 MiB", of what each device held at most where its backend says so.
  static std::string held(const Json& devices) {
    std::string text;
    for (const Json& device : devices.is_array() ? devices : Json::array())
      if (const Json peak = at_path(device, {"peak_bytes"}); peak.is_number())
        text += (text.empty() ? "" : ", ") + device.value("name", "") + " " +
                bytes_text(peak.get<uint64_t>());
    return text.empty() ? "-" : text;
  }

  static std::string planned(const Json& devices) {
    std::string text;
    for (const Json& device : devices.is_array() ? devices : Json::array()) {
      if (device.value("nodes", 0) == 0) continue;
      const uint64_t bytes = device.value("weights", uint64_t{0}) +
                             device.value("state", uint64_t{0}) +
                             device.value("arena", uint64_t{0});
      text += (text.empty() ? "" : ", ") + device.value("name", "") + " " + bytes_text(bytes);
    }
    return text.empty() ? "-" : text;
  }

  static std::string probe(const Json& from) {
    const Json bandwidth = at_path(from, {"bandwidth"}), flops = at_path(from, {"flops"});
    if (!bandwidth.is_number() || bandwidth == 0) return "-";
    return fmt::format("{:.1f}, {:.1f}", bandwidth.get<double>() * 1e-9,
                       flops.get<double>() * 1e-9);
  }

  void speed() {
    const Json& speed = report_["speed"];
    if (!speed.is_object()) return;
    title(
        fmt::format("Speed: tokens/s, median and interval; ratio to {}, {} repeats, {} "
                    "comparisons at {} together",
                    speed.value("base", ""), speed.value("repeats", 0),
                    speed.value("comparisons", 0), speed.value("alpha", 0.0)));
    TextTable table({"test", "arm", "tokens/s", "interval", "ratio", "interval", "verdict",
                     "of bytes/s", "of flops", "disturbed"});
    for (const Json& test : speed["cases"]) {
      for (const Json& arm : test["arms"]) {
        const Json* found = find_entry(test["comparisons"], "arm", arm["arm"]);
        const Json none, &pair = found ? *found : none;
        const Json speeds = arm.value("tokens_per_second", Json());
        table.add({test["label"], arm["arm"], number(at_path(speeds, {"value"}), "{:.4g}"),
                   speeds.is_object() ? number(at_path(speeds, {"low"}), "{:.4g}") + " - " +
                                            number(at_path(speeds, {"high"}), "{:.4g}")
                                      : "-",
                   number(at_path(pair, {"ratio"}), "{:.3f}", ""),
                   at_path(pair, {"low"}).is_number()
                       ? number(at_path(pair, {"low"}), "{:.3f}") + " - " +
                             number(at_path(pair, {"high"}), "{:.3f}")
                       : "",
                   pair.is_object() ? pair.value("verdict", "") : "the base",
                   percent(arm, "bandwidth_share"), percent(arm, "flops_share"),
                   at_path(arm, {"disturbed"}).is_number()
                       ? fmt::format("{} of {}", arm["disturbed"].get<int>(), arm.value("n", 0))
                       : "-"});
        if (arm.value("probe_exceeded", false)) exceeded_ = true;
      }
    }
    text_ += table.text(markdown_);
    if (exceeded_)
      text_ +=
          "A share above 100 %: the probe was disturbed or is not what bounds this machine; "
          "read the ratios, not the shares.\n";
    for (const Json& arm : speed["emulated"])
      text_ += fmt::format("{} is emulated: its speed means nothing and was not taken.\n",
                           arm.get<std::string>());
  }

  static std::string percent(const Json& arm, const char* name) {
    const Json share = arm.value(name, Json());
    return share.is_number() ? fmt::format("{:.0f} %", 100 * share.get<double>()) : "-";
  }

  void numbers() {
    const Json& numbers = report_["numbers"];
    if (!numbers.is_object()) return;
    title(fmt::format("Numbers against {}, {} tokens in one step and {} one by one",
                      numbers.value("against", ""), numbers.value("prompt_tokens", 0),
                      numbers.value("single_tokens", 0)));
    if (!numbers.value("problem", "").empty())
      text_ += "reference: " + numbers.value("problem", "") + "\n";
    TextTable table(labels(""));
    const auto row = [&](const std::string& name, const auto& cell) {
      std::vector<std::string> cells{name};
      for (const Json& arm : report_["arms"]) {
        const Json* own = find_entry(numbers["arms"], "arm", arm["label"]);
        cells.push_back(own ? cell(*own) : "-");
      }
      table.add(std::move(cells));
    };
    row("outputs: NMSE, as timed", [](const Json& own) { return nmse_of(own, "timed"); });
    row("  bound", [](const Json& own) {
      return number(at_path(own, {"timed", "bound"}), "{:.1e}");
    });
    row("worst node on the same inputs: NMSE", [](const Json& own) { return worst(own, "alone"); });
    row("  the node", [](const Json& own) { return worst_name(own, "alone"); });
    row("  first node out of bounds", [](const Json& own) {
      const Json first = at_path(own, {"alone", "first_outside"});
      return first.is_string()       ? first.get<std::string>()
             : own.contains("alone") ? std::string("none")
                                     : std::string("-");
    });
    row("timed against observed: NMSE", [](const Json& own) {
      return number(at_path(own, {"observed", "timed_against_observed", "nmse"}), "{:.1e}");
    });
    row("KL mean", [](const Json& own) { return kl(own, {"kl", "value"}); });
    row("  99.9 %", [](const Json& own) { return kl(own, {"kl_distribution", "p99.9"}); });
    row("  most", [](const Json& own) { return kl(own, {"kl_distribution", "maximum"}); });
    row("same top token", [](const Json& own) { return share(own, {"same_top", "value"}); });
    row("of the top five", [](const Json& own) { return share(own, {"top5", "value"}); });
    row("perplexity difference", [](const Json& own) {
      const Json value = at_path(own, {"logits", "comparison", "difference", "value"});
      return value.is_number()
                 ? number(value, "{:+.4f}") + " ± " +
                       number(at_path(own, {"logits", "comparison", "difference", "error"}),
                              "{:.4f}")
                 : std::string("-");
    });
    text_ += table.text(markdown_);
  }

  static std::string nmse_of(const Json& own, const char* stage) {
    if (!own.contains(stage)) return "-";
    return number(at_path(own, {stage, "nmse"}), "{:.1e}", "not finite") +
           (at_path(own, {stage, "outside"}) == true ? " OUT OF BOUNDS" : "");
  }
  static double nmse(const Json& value) {
    double most = 0;
    for (const char* phase : {"prompt", "single"}) {
      const Json one = at_path(value, {phase, "nmse"});
      most = std::max(most, one.is_number() ? one.get<double>() : INFINITY);
    }
    return most;
  }
  static const Json* worst_value(const Json& own, const char* stage) {
    const Json* found = nullptr;
    if (own.contains(stage))
      for (const Json& value : own[stage]["values"])
        if (!found || nmse(value) > nmse(*found)) found = &value;
    return found;
  }
  static std::string worst(const Json& own, const char* stage) {
    const Json* value = worst_value(own, stage);
    return value ? fmt::format("{:.1e}", nmse(*value)) : "-";
  }
  static std::string worst_name(const Json& own, const char* stage) {
    const Json* value = worst_value(own, stage);
    return value ? fmt::format("{} ({})", value->value("value", ""), value->value("op", "")) : "-";
  }
  static std::string kl(const Json& own, std::initializer_list<const char*> path) {
    return number(at_path(at_path(own, {"logits", "comparison"}), path), "{:.2e}");
  }
  static std::string share(const Json& own, std::initializer_list<const char*> path) {
    const Json value = at_path(at_path(own, {"logits", "comparison"}), path);
    return value.is_number() ? fmt::format("{:.2f} %", 100 * value.get<double>()) : "-";
  }

  void bisections() {
    if (!report_["numbers"].is_object()) return;
    for (const Json& own : report_["numbers"]["arms"])
      if (own.contains("bisect"))
        text_ += fmt::format("\n{}: {}. NMSE {} before, {} with it given back to {}; {} runs.\n",
                             own.value("arm", ""), own["bisect"].value("text", ""),
                             number(at_path(own, {"bisect", "before"}), "{:.1e}", "not finite"),
                             number(at_path(own, {"bisect", "after"}), "{:.1e}", "not finite"),
                             report_["numbers"].value("against", ""),
                             own["bisect"].value("measured", 0));
  }

  void saved() {
    if (!report_.contains("saved")) return;
    const Json& saved = report_["saved"];
    text_ +=
        fmt::format("\nSaved: {}, {:.3f} times as fast as {} over all tests.\n",
                    saved.value("arm", ""), saved.value("ratio", 0.0), saved.value("base", ""));
  }

  const Json& report_;
  bool markdown_;
  bool exceeded_ = false;
  std::string text_;
};

}  // namespace

std::string compare_text(const Json& report, bool markdown) {
  return Text(report, markdown).text();
}

}  // namespace sirocco::cli
