// The forms in which a benchmark's findings are written, each read back by its own rules.

#include "bench/report.hpp"

#include <set>
#include <sstream>

#include <sirocco/error.hpp>

#include "catch.hpp"

using namespace sirocco;

namespace {

BenchReport two_cases() {
  BenchReport report;
  report.fingerprint = {.model = "a \"model\", of ours",
                        .params = 1000,
                        .bytes = 2000,
                        .backend = "one",
                        .device = "a device",
                        .features = "x, y",
                        .threads = 2,
                        .numerics = "bf16",
                        .cpu = "a processor",
                        .build = "optimised"};
  report.placement = "one 3/3 nodes";
  report.load_seconds = 0.25;
  report.peak_bytes = 4096;
  const auto sample = [](double speed, double disturbance) {
    return BenchSample{speed, 0.5, 0.25, 0.125, 0.01, disturbance};
  };
  report.results = {{{16, 0, 0, 1}, {sample(100, 0), sample(110, 0.5), sample(150, 0)}},
                    {{0, 4, 32, 8}, {sample(10, 0)}}};
  return report;
}

/// Fields of CSV text by lines, as RFC 4180 has them.
std::vector<std::vector<std::string>> read_csv(const std::string& text) {
  std::vector<std::vector<std::string>> lines(1, {""});
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      lines.back().back() += c;
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      lines.back().emplace_back();
    } else if (!quoted && c == '\r') {
      REQUIRE(text.at(++i) == '\n');
      lines.push_back({""});
    } else {
      lines.back().back() += c;
    }
  }
  CHECK_FALSE(quoted);
  CHECK(lines.back() == std::vector<std::string>{""});
  lines.pop_back();
  return lines;
}

}  // namespace

TEST_CASE("fields are quoted where their text would be read otherwise") {
  CHECK(csv_field("").empty());
  CHECK(csv_field("tg64 @ d32") == "tg64 @ d32");
  CHECK(csv_field("a,b") == "\"a,b\"");
  CHECK(csv_field("a \"b\"") == "\"a \"\"b\"\"\"");
  CHECK(csv_field("two\nlines") == "\"two\nlines\"");
  CHECK(csv_field(" a") == "\" a\"");
}

TEST_CASE("a row says what was measured on what, and what came out") {
  const BenchReport report = two_cases();
  const auto row = bench_row(report, report.results[0]);
  CHECK(row["test"] == "pp16");
  CHECK(row["n_prompt"] == 16);
  CHECK(row["n_gen"] == 0);
  CHECK(row["n_samples"] == 3);
  CHECK(row["disturbed"] == 1);
  CHECK(row["tokens_per_second"] == 110);
  CHECK(row["tokens_per_second_avg"] == 120);
  CHECK(row["tokens_per_second_stddev"].get<double>() == Approx(26.4575));
  CHECK(row["tokens_per_second_least"] == 100);
  CHECK(row["tokens_per_second_most"] == 150);
  CHECK(row["flops_share"] == 0.125);
  for (const char* name : {"model", "params", "bytes", "backend", "device", "features", "threads",
                           "numerics", "cpu", "build"}) {
    INFO(name);
    CHECK(row.contains(name));
  }
  const auto deep = bench_row(report, report.results[1]);
  CHECK(deep["test"] == "tg4 b8 @ d32");
  CHECK(deep["depth"] == 32);
  CHECK(deep["batch"] == 8);
}

TEST_CASE("CSV, JSON and JSON lines hold the same rows") {
  const BenchReport report = two_cases();
  const auto lines = read_csv(bench_text(report, BenchFormat::csv));
  const auto json = nlohmann::ordered_json::parse(bench_text(report, BenchFormat::json));
  std::istringstream json_lines(bench_text(report, BenchFormat::jsonl));
  REQUIRE(lines.size() == 3);
  REQUIRE(json["tests"].size() == 2);
  for (size_t i = 0; i < 2; ++i) {
    const auto row = bench_row(report, report.results[i]);
    REQUIRE(lines[0].size() == row.size());
    REQUIRE(lines[i + 1].size() == row.size());
    size_t column = 0;
    for (const auto& [name, value] : row.items()) {
      CHECK(lines[0][column] == name);
      CHECK(lines[i + 1][column] == (value.is_string() ? value.get<std::string>() : value.dump()));
      CHECK(json["tests"][i][name] == value);
      ++column;
    }
    std::string line;
    std::getline(json_lines, line);
    CHECK(nlohmann::ordered_json::parse(line) == json["tests"][i]);
    CHECK(json["tests"][i]["samples"].size() == report.results[i].samples.size());
  }
  CHECK(json["tests"][0]["samples"][1]["disturbance"] == 0.5);
  CHECK(json_lines.peek() == std::istringstream::traits_type::eof());
}

TEST_CASE("JSON says what holds for the run") {
  const auto json = nlohmann::json::parse(bench_text(two_cases(), BenchFormat::json));
  CHECK(json["placement"] == "one 3/3 nodes");
  CHECK(json["load_seconds"] == 0.25);
  CHECK(json["peak_resident_bytes"] == 4096);
  CHECK(json["probe"].contains("bytes_per_second"));
}

TEST_CASE("the table has a line a case, all equally long") {
  std::istringstream text(bench_text(two_cases(), BenchFormat::markdown));
  std::string line;
  std::set<size_t> lengths;
  for (int i = 0; i < 4; ++i) {
    std::getline(text, line);
    lengths.insert(line.size());
  }
  CHECK(lengths.size() == 1);
  CHECK(line.find("tg4 b8 @ d32") != std::string::npos);
}

TEST_CASE("formats have names") {
  CHECK(bench_format_from_name("md") == BenchFormat::markdown);
  CHECK(bench_format_from_name("jsonl") == BenchFormat::jsonl);
  CHECK_THROWS_AS(bench_format_from_name("xml"), Error);
}
