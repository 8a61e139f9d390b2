#include "compare_table.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bench/report.hpp"
#include "runtime/plan_report.hpp"
#include "text_table.hpp"

namespace sirocco::cli {
namespace {

using Json = nlohmann::ordered_json;

Json at(const Json& from, std::initializer_list<const char*> path) {
  const Json* place = &from;
  for (const char* name : path) {
    if (!place->is_object() || !place->contains(name)) return Json();
    place = &(*place)[name];
  }
  return *place;
}

std::string number(const Json& value, const char* format, const char* otherwise = "-") {
  return value.is_number() ? fmt::format(fmt::runtime(format), value.get<double>()) : otherwise;
}

const Json* find(const Json& list, const char* key, const Json& value) {
  if (list.is_array())
    for (const Json& entry : list)
      if (entry.is_object() && entry.value(key, Json()) == value) return &entry;
  return nullptr;
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
        at(report_, {"numbers", "numerics"}).is_string()
            ? at(report_, {"numbers", "numerics"}).get<std::string>()
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
      const Json line = at(arm, {"plan", "placement", "line"});
      return line.is_string() ? line.get<std::string>() : std::string("-");
    });
    row("sub-graphs, fallback nodes", [](const Json& arm) {
      const Json parts = at(arm, {"plan", "placement", "sub_graphs"});
      return parts.is_number()
                 ? fmt::format("{}, {}", parts.get<int>(),
                               at(arm, {"plan", "placement", "fallback_nodes"}).get<int>())
                 : std::string("-");
    });
    if (report_["speed"].is_object()) {
      row("load s (median)",
          [](const Json& arm) { return number(at(arm, {"load_seconds"}), "{:.3f}"); });
      row("cold start to first token s",
          [](const Json& arm) { return number(at(arm, {"first_token_seconds"}), "{:.3f}"); });
      row("peak memory", [](const Json& arm) {
        const Json peak = at(arm, {"memory", "peak_bytes"});
        return peak.is_number() ? bytes_text(peak.get<uint64_t>()) : std::string("-");
      });
      row("planned on devices", [](const Json& arm) {
        return planned(at(arm, {"plan", "devices"}));
      });
      row("probe: GB/s, GFLOP/s", [](const Json& arm) { return probe(at(arm, {"memory"})); });
      row("own product: GB/s, GFLOP/s", [](const Json& arm) {
        const Json devices = at(arm, {"memory", "devices"});
        return devices.is_array() && !devices.empty() ? probe(devices[0]) : std::string("-");
      });
    }
    text_ += table.text(markdown_);
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
    const Json bandwidth = at(from, {"bandwidth"}), flops = at(from, {"flops"});
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
        const Json* found = find(test["comparisons"], "arm", arm["arm"]);
        const Json none, &pair = found ? *found : none;
        const Json speeds = arm.value("tokens_per_second", Json());
        table.add({test["label"], arm["arm"], number(at(speeds, {"value"}), "{:.4g}"),
                   speeds.is_object() ? number(at(speeds, {"low"}), "{:.4g}") + " - " +
                                            number(at(speeds, {"high"}), "{:.4g}")
                                      : "-",
                   number(at(pair, {"ratio"}), "{:.3f}", ""),
                   at(pair, {"low"}).is_number() ? number(at(pair, {"low"}), "{:.3f}") + " - " +
                                                       number(at(pair, {"high"}), "{:.3f}")
                                                 : "",
                   pair.is_object() ? pair.value("verdict", "") : "the base",
                   percent(arm, "bandwidth_share"), percent(arm, "flops_share"),
                   fmt::format("{} of {}", arm.value("disturbed", 0), arm.value("n", 0))});
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
        const Json* own = find(numbers["arms"], "arm", arm["label"]);
        cells.push_back(own ? cell(*own) : "-");
      }
      table.add(std::move(cells));
    };
    row("outputs: NMSE, as timed", [](const Json& own) { return nmse_of(own, "timed"); });
    row("  bound", [](const Json& own) { return number(at(own, {"timed", "bound"}), "{:.1e}"); });
    row("worst node on the same inputs: NMSE", [](const Json& own) { return worst(own, "alone"); });
    row("  the node", [](const Json& own) { return worst_name(own, "alone"); });
    row("  first node out of bounds", [](const Json& own) {
      const Json first = at(own, {"alone", "first_outside"});
      return first.is_string()       ? first.get<std::string>()
             : own.contains("alone") ? std::string("none")
                                     : std::string("-");
    });
    row("timed against observed: NMSE", [](const Json& own) {
      return number(at(own, {"observed", "timed_against_observed", "nmse"}), "{:.1e}");
    });
    row("KL mean", [](const Json& own) { return kl(own, {"kl", "value"}); });
    row("  99.9 %", [](const Json& own) { return kl(own, {"kl_distribution", "p99.9"}); });
    row("  most", [](const Json& own) { return kl(own, {"kl_distribution", "maximum"}); });
    row("same top token", [](const Json& own) { return share(own, {"same_top", "value"}); });
    row("of the top five", [](const Json& own) { return share(own, {"top5", "value"}); });
    row("perplexity difference", [](const Json& own) {
      const Json value = at(own, {"logits", "comparison", "difference", "value"});
      return value.is_number()
                 ? number(value, "{:+.4f}") + " ± " +
                       number(at(own, {"logits", "comparison", "difference", "error"}), "{:.4f}")
                 : std::string("-");
    });
    text_ += table.text(markdown_);
  }

  static std::string nmse_of(const Json& own, const char* stage) {
    if (!own.contains(stage)) return "-";
    return number(at(own, {stage, "nmse"}), "{:.1e}", "not finite") +
           (at(own, {stage, "outside"}) == true ? " OUT OF BOUNDS" : "");
  }
  static double nmse(const Json& value) {
    double most = 0;
    for (const char* phase : {"prompt", "single"}) {
      const Json one = at(value, {phase, "nmse"});
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
    return number(at(at(own, {"logits", "comparison"}), path), "{:.2e}");
  }
  static std::string share(const Json& own, std::initializer_list<const char*> path) {
    const Json value = at(at(own, {"logits", "comparison"}), path);
    return value.is_number() ? fmt::format("{:.2f} %", 100 * value.get<double>()) : "-";
  }

  void bisections() {
    if (!report_["numbers"].is_object()) return;
    for (const Json& own : report_["numbers"]["arms"])
      if (own.contains("bisect"))
        text_ += fmt::format("\n{}: {}. NMSE {} before, {} with it given back to {}; {} runs.\n",
                             own.value("arm", ""), own["bisect"].value("text", ""),
                             number(at(own, {"bisect", "before"}), "{:.1e}", "not finite"),
                             number(at(own, {"bisect", "after"}), "{:.1e}", "not finite"),
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

std::string csv_line(const std::vector<Json>& cells) {
  std::string line;
  for (const Json& cell : cells) {
    if (!line.empty() || &cell != &cells.front()) line += ",";
    line += csv_field(cell.is_string() ? cell.get<std::string>()
                      : cell.is_null() ? std::string()
                                       : cell.dump());
  }
  return line + "\r\n";
}

}  // namespace

std::string compare_text(const Json& report, bool markdown) {
  return Text(report, markdown).text();
}

std::string compare_csv(const Json& report) {
  const std::vector<Json> columns = {"kind",
                                     "arm",
                                     "name",
                                     "op",
                                     "value",
                                     "low",
                                     "high",
                                     "ratio",
                                     "ratio_low",
                                     "ratio_high",
                                     "p",
                                     "verdict",
                                     "bandwidth_share",
                                     "flops_share",
                                     "max_abs_prompt",
                                     "nmse_prompt",
                                     "cosine_prompt",
                                     "max_abs_single",
                                     "nmse_single",
                                     "cosine_single",
                                     "outside"};
  std::string text = csv_line(columns);
  const auto add = [&](std::vector<Json> cells) {
    cells.resize(columns.size());
    text += csv_line(cells);
  };
  if (report["speed"].is_object())
    for (const Json& test : report["speed"]["cases"])
      for (const Json& arm : test["arms"]) {
        const Json* found = find(test["comparisons"], "arm", arm["arm"]);
        const Json none, &pair = found ? *found : none;
        add({"speed", arm["arm"], test["label"], "", at(arm, {"tokens_per_second", "value"}),
             at(arm, {"tokens_per_second", "low"}), at(arm, {"tokens_per_second", "high"}),
             at(pair, {"ratio"}), at(pair, {"low"}), at(pair, {"high"}), at(pair, {"p"}),
             at(pair, {"verdict"}), at(arm, {"bandwidth_share"}), at(arm, {"flops_share"})});
      }
  if (report["numbers"].is_object())
    for (const Json& own : report["numbers"]["arms"])
      for (const char* stage : {"timed", "alone", "observed"}) {
        if (!own.contains(stage)) continue;
        for (const Json& value : own[stage]["values"])
          add({stage,
               own["arm"],
               value["value"],
               value["op"],
               "",
               "",
               "",
               "",
               "",
               "",
               "",
               "",
               "",
               "",
               at(value, {"prompt", "max_abs"}),
               at(value, {"prompt", "nmse"}),
               at(value, {"prompt", "cosine"}),
               at(value, {"single", "max_abs"}),
               at(value, {"single", "nmse"}),
               at(value, {"single", "cosine"}),
               value["outside"]});
      }
  return text;
}

}  // namespace sirocco::cli
