#include "bench/report.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <sirocco/error.hpp>

namespace sirocco {
namespace {

/// The distinct ones of what `text` says of the devices that have nodes.
template <class Text>
std::string of_used_devices(const Plan& plan, Text text) {
  std::vector<std::string> said;
  for (size_t d = 0; d < plan.devices().size(); ++d) {
    const bool used = std::ranges::any_of(plan.placement().nodes,
                                          [&](const NodePlacement& at) { return at.device == d; });
    const std::string name = used ? text(plan.devices()[d]) : std::string();
    if (!name.empty() && std::ranges::find(said, name) == said.end()) said.push_back(name);
  }
  return fmt::format("{}", fmt::join(said, "+"));
}

std::string text_of(const sirocco_string& text) {
  return {text.data, text.size};
}

/// Of the first value that a node makes in floats: all others follow it.
std::string numerics_of(const Graph& graph) {
  for (const Value& value : graph.values)
    if (value.kind == SIROCCO_VALUE_INTERNAL && is_float(value.type.dtype))
      return dtype_name(value.type.dtype);
  return {};
}

/// One line of the table; figures are right-aligned under their names.
std::string line_of(const std::vector<std::string>& cells) {
  constexpr size_t kWidths[] = {18, 9, 19, 10, 8, 8, 8, 9};
  std::string text = "|";
  for (size_t i = 0; i < cells.size(); ++i)
    text += i == 0 ? fmt::format(" {:<{}} |", cells[i], kWidths[i])
                   : fmt::format(" {:>{}} |", cells[i], kWidths[i]);
  return text + "\n";
}

std::string table(const BenchReport& report) {
  std::string text = line_of({"test", "tokens/s", "least to most", "of bytes/s", "of own",
                              "of flops", "overhead", "disturbed"});
  text += line_of({"---", "--:", "--:", "--:", "--:", "--:", "--:", "--:"});
  for (const BenchResult& result : report.results) {
    const auto percent = [&](double BenchSample::*figure, int digits) {
      const double share = spread(result, figure).median;
      return std::isfinite(share) ? fmt::format("{:.{}f}%", 100 * share, digits) : "-";
    };
    const Spread speed = spread(result, &BenchSample::tokens_per_second);
    text += line_of(
        {result.test.label(), fmt::format("{:.2f}", speed.median),
         fmt::format("{:.2f} to {:.2f}", speed.least, speed.most),
         percent(&BenchSample::bandwidth_share, 0), percent(&BenchSample::own_bandwidth_share, 0),
         percent(&BenchSample::flops_share, 0), percent(&BenchSample::overhead_share, 1),
         fmt::format("{}/{}", disturbed_samples(result), result.samples.size())});
  }
  constexpr double kGiga = 1e9, kMebi = 1 << 20;
  text += fmt::format(
      "\n{} threads, {}; first token {:.3f} s after loading began, {:.0f} MiB resident at most\n"
      "probe in the same run: {:.1f} GB/s read from {:.0f} MiB, {:.0f} GFLOP/s in vectors\n",
      report.fingerprint.threads, report.placement, report.load_seconds,
      static_cast<double>(report.peak_bytes) / kMebi, report.bandwidth / kGiga,
      static_cast<double>(report.probe_bytes) / kMebi, report.flops / kGiga);
  return text;
}

nlohmann::ordered_json row_with_samples(const BenchReport& report, const BenchResult& result) {
  nlohmann::ordered_json row = bench_row(report, result);
  row["samples"] = nlohmann::ordered_json::array();
  for (const BenchSample& sample : result.samples)
    row["samples"].push_back({{"tokens_per_second", sample.tokens_per_second},
                              {"bandwidth_share", sample.bandwidth_share},
                              {"own_bandwidth_share", sample.own_bandwidth_share},
                              {"flops_share", sample.flops_share},
                              {"overhead_share", sample.overhead_share},
                              {"disturbance", sample.disturbance}});
  return row;
}

std::string json(const BenchReport& report) {
  nlohmann::ordered_json json = {{"model", report.fingerprint.model},
                                 {"placement", report.placement},
                                 {"threads", report.fingerprint.threads},
                                 {"load_seconds", report.load_seconds},
                                 {"peak_resident_bytes", report.peak_bytes},
                                 {"probe",
                                  {{"bytes_per_second", report.bandwidth},
                                   {"flops_per_second", report.flops},
                                   {"buffer_bytes", report.probe_bytes}}}};
  json["tests"] = nlohmann::ordered_json::array();
  for (const BenchResult& result : report.results)
    json["tests"].push_back(row_with_samples(report, result));
  return json.dump(2) + "\n";
}

std::string json_lines(const BenchReport& report) {
  std::string text;
  for (const BenchResult& result : report.results)
    text += row_with_samples(report, result).dump() + "\n";
  return text;
}

std::string csv(const BenchReport& report) {
  std::string text;
  for (const BenchResult& result : report.results) {
    const nlohmann::ordered_json row = bench_row(report, result);
    std::vector<std::string> names, cells;
    for (const auto& [name, value] : row.items()) {
      names.push_back(name);
      cells.push_back(value.is_string() ? csv_field(value.get<std::string>()) : value.dump());
    }
    if (text.empty()) text = fmt::format("{}\r\n", fmt::join(names, ","));
    text += fmt::format("{}\r\n", fmt::join(cells, ","));
  }
  return text;
}

}  // namespace

BenchFingerprint fingerprint_of(const Plan& plan, std::string model) {
  BenchFingerprint fingerprint;
  fingerprint.model = std::move(model);
  for (const GraphWeight& weight : plan.graph().weights) {
    const TensorType& type = plan.graph().values[weight.value].type;
    fingerprint.params += type.elements({});
    fingerprint.bytes += type.bytes({});
  }
  fingerprint.backend =
      of_used_devices(plan, [](const Device& device) { return device.backend->name(); });
  fingerprint.device =
      of_used_devices(plan, [](const Device& device) { return text_of(device.info.name); });
  fingerprint.features =
      of_used_devices(plan, [](const Device& device) { return text_of(device.info.features); });
  fingerprint.numerics = numerics_of(plan.graph());
  return fingerprint;
}

BenchFormat bench_format_from_name(const std::string& name) {
  if (name == "md") return BenchFormat::markdown;
  if (name == "csv") return BenchFormat::csv;
  if (name == "json") return BenchFormat::json;
  if (name == "jsonl") return BenchFormat::jsonl;
  throw Error(ErrorKind::usage, "no format '" + name + "'; expected md, csv, json or jsonl");
}

nlohmann::ordered_json bench_row(const BenchReport& report, const BenchResult& result) {
  const BenchFingerprint& on = report.fingerprint;
  const Spread speed = spread(result, &BenchSample::tokens_per_second);
  return {{"model", on.model},
          {"params", on.params},
          {"bytes", on.bytes},
          {"backend", on.backend},
          {"device", on.device},
          {"features", on.features},
          {"threads", on.threads},
          {"numerics", on.numerics},
          {"cpu", on.cpu},
          {"build", on.build},
          {"test", result.test.label()},
          {"n_prompt", result.test.n_prompt},
          {"n_gen", result.test.n_gen},
          {"depth", result.test.depth},
          {"batch", result.test.batch},
          {"n_samples", result.samples.size()},
          {"disturbed", disturbed_samples(result)},
          {"tokens_per_second", speed.median},
          {"tokens_per_second_avg", speed.mean},
          {"tokens_per_second_stddev", speed.deviation},
          {"tokens_per_second_least", speed.least},
          {"tokens_per_second_most", speed.most},
          {"bandwidth_share", spread(result, &BenchSample::bandwidth_share).median},
          {"own_bandwidth_share", spread(result, &BenchSample::own_bandwidth_share).median},
          {"flops_share", spread(result, &BenchSample::flops_share).median},
          {"overhead_share", spread(result, &BenchSample::overhead_share).median}};
}

std::string bench_text(const BenchReport& report, BenchFormat format) {
  switch (format) {
    case BenchFormat::csv:
      return csv(report);
    case BenchFormat::json:
      return json(report);
    case BenchFormat::jsonl:
      return json_lines(report);
    case BenchFormat::markdown:
      break;
  }
  return table(report);
}

std::string csv_field(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  const bool plain = text.find_first_of(",\"\r\n") == std::string_view::npos &&
                     (text.empty() || (!blank(text.front()) && !blank(text.back())));
  if (plain) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace sirocco
