#include "perplexity_report.hpp"

#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace sirocco::cli {
namespace {

constexpr double kPercent = 100;

std::string line(const std::string& name, const Measurement& figure, int digits,
                 const char* unit = "") {
  return fmt::format("{:<16} {:>12.{}f} ± {:.{}f}{}\n", name, figure.value, digits, figure.error,
                     digits, unit);
}

std::string line(const std::string& name, double figure, int digits, const char* unit = "") {
  return fmt::format("{:<16} {:>12.{}f}{}\n", name, figure, digits, unit);
}

Measurement percent(const Measurement& share) {
  return {kPercent * share.value, kPercent * share.error};
}

using Quantiles = std::vector<std::pair<const char*, double>>;

Quantiles quantiles(const Distribution& d) {
  return {{"maximum", d.maximum}, {"99.9 %", d.p99_9},  {"99 %", d.p99},       {"95 %", d.p95},
          {"90 %", d.p90},        {"median", d.median}, {"10 %", d.p10},       {"5 %", d.p5},
          {"1 %", d.p1},          {"0.1 %", d.p0_1},    {"minimum", d.minimum}};
}

std::string comparison_text(const PerplexityRun& run, const ComparisonSummary& summary) {
  std::string text = fmt::format("base             {}\n\n", run.base);
  text += line("PPL", summary.ppl, 6) + line("PPL of the base", summary.base_ppl, 6);
  text += line("correlation", kPercent * summary.correlation, 3, " %");
  text += line("ln(PPL / base)", summary.log_ratio, 6) + line("PPL / base", summary.ratio, 6) +
          line("PPL - base", summary.difference, 6);
  text += "\nKL divergence from the base, nats\n" + line("  mean", summary.kl, 8);
  for (const auto& [name, value] : quantiles(summary.kl_distribution))
    text += line(std::string("  ") + name, value, 8);
  text += "\nΔp, change of the probability of the token that came\n" +
          line("  mean", percent(summary.delta_p), 4, " %") +
          line("  RMS", percent(summary.rms_delta_p), 4, " %");
  for (const auto& [name, value] : quantiles(summary.delta_p_distribution))
    text += line(std::string("  ") + name, kPercent * value, 4, " %");
  text += "\n" + line("same top", percent(summary.same_top), 3, " %") +
          line("of the top 5", percent(summary.top5), 3, " %");
  return text;
}

std::string windows_text(const PerplexityRun& run) {
  const bool compared = run.result.comparison.has_value();
  std::string text = fmt::format("{:>6} {:>12} {:>10}", "window", "PPL", "±");
  if (compared)
    text +=
        fmt::format(" {:>14} {:>12} {:>9} {:>9}", "ln(PPL/base)", "KL mean", "RMS Δp", "same top");
  text += "\n";
  for (size_t w = 0; w < run.result.windows.size(); ++w) {
    const WindowResult& window = run.result.windows[w];
    text += fmt::format("{:>6} {:>12.4f} {:>10.4f}", w, window.ppl.value, window.ppl.error);
    if (window.comparison) {
      const ComparisonSummary& summary = *window.comparison;
      text += fmt::format(" {:>14.6f} {:>12.8f} {:>7.3f} % {:>7.2f} %", summary.log_ratio.value,
                          summary.kl.value, kPercent * summary.rms_delta_p.value,
                          kPercent * summary.same_top.value);
    }
    text += "\n";
  }
  return text + "\n";
}

nlohmann::ordered_json to_json(const Measurement& figure) {
  return {{"value", figure.value}, {"error", figure.error}};
}

nlohmann::ordered_json to_json(const Distribution& d) {
  return {{"maximum", d.maximum}, {"p99.9", d.p99_9},   {"p99", d.p99},        {"p95", d.p95},
          {"p90", d.p90},         {"median", d.median}, {"p10", d.p10},        {"p5", d.p5},
          {"p1", d.p1},           {"p0.1", d.p0_1},     {"minimum", d.minimum}};
}

nlohmann::ordered_json to_json(const ComparisonSummary& summary) {
  return {{"rows", summary.rows},
          {"ppl", to_json(summary.ppl)},
          {"base_ppl", to_json(summary.base_ppl)},
          {"correlation", summary.correlation},
          {"log_ratio", to_json(summary.log_ratio)},
          {"ratio", to_json(summary.ratio)},
          {"difference", to_json(summary.difference)},
          {"kl", to_json(summary.kl)},
          {"kl_distribution", to_json(summary.kl_distribution)},
          {"delta_p", to_json(summary.delta_p)},
          {"rms_delta_p", to_json(summary.rms_delta_p)},
          {"delta_p_distribution", to_json(summary.delta_p_distribution)},
          {"same_top", to_json(summary.same_top)},
          {"top5", to_json(summary.top5)}};
}

}  // namespace

std::string perplexity_text(const PerplexityRun& run, bool by_window) {
  const Evaluation& result = run.result;
  std::string text = by_window ? windows_text(run) : "";
  text += fmt::format("text             {}: {} tokens, {} left out at the end\n", run.text,
                      run.tokens, run.unused);
  text += fmt::format("windows          {} of {} tokens, {} scored of each\n",
                      result.windows.size(), run.rule.size, run.rule.scored());
  if (result.comparison) return text + comparison_text(run, *result.comparison);
  return text + line("PPL", result.ppl, 4);
}

nlohmann::ordered_json perplexity_json(const PerplexityRun& run) {
  const Evaluation& result = run.result;
  nlohmann::ordered_json json = {
      {"model", run.model},      {"placement", run.placement},
      {"text", run.text},        {"tokens", run.tokens},
      {"unused", run.unused},    {"window", run.rule.size},
      {"stride", nullptr},       {"scored_per_window", run.rule.scored()},
      {"scored", result.scored}, {"ppl", to_json(result.ppl)}};
  if (run.rule.stride) json["stride"] = *run.rule.stride;
  if (result.comparison) {
    json["base"] = run.base;
    json["comparison"] = to_json(*result.comparison);
  }
  json["windows"] = nlohmann::ordered_json::array();
  for (const WindowResult& window : result.windows) {
    nlohmann::ordered_json entry = {{"ppl", to_json(window.ppl)}};
    if (window.comparison) entry["comparison"] = to_json(*window.comparison);
    json["windows"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace sirocco::cli
