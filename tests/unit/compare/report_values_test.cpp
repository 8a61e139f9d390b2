// What gates and saved deployments take from a report, here made up.

#include "compare/comparison.hpp"

#include "catch.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>

#include <sirocco/error.hpp>

using namespace sirocco;

namespace {

using Json = nlohmann::ordered_json;

/// Arms a (the first), b (1.5 times as fast, drift 1e-7) and c (twice, drift 1e-2).
Json made_up() {
  return Json::parse(R"({
    "format": "sirocco.compare/1", "created": "today", "fingerprint": {},
    "arms": [
      {"label": "a", "status": "ok", "load_seconds": 2.0, "memory": {"peak_bytes": 100}},
      {"label": "b:x=1", "status": "ok", "load_seconds": 3.0, "memory": {"peak_bytes": 110}},
      {"label": "c", "status": "ok", "load_seconds": 1.0, "memory": {"peak_bytes": 50}}],
    "speed": {"cases": [{"label": "tg8", "n_gen": 8,
      "arms": [{"arm": "a", "bandwidth_share": 0.4, "flops_share": 0.01},
               {"arm": "b:x=1", "bandwidth_share": 0.6, "flops_share": 0.01},
               {"arm": "c", "bandwidth_share": 0.8, "flops_share": 0.01}],
      "comparisons": [{"arm": "b:x=1", "ratio": 1.5, "rerun": {"low": 1.4, "high": 1.6}},
                      {"arm": "c", "ratio": 2.0, "rerun": {"low": 1.9, "high": 2.1}}]}]},
    "numbers": {"problem": "", "arms": [
      {"arm": "a", "timed": {"nmse": 0.0, "bound": 1e-5}},
      {"arm": "b:x=1", "timed": {"nmse": 1e-7, "bound": 1e-5},
       "logits": {"comparison": {"kl": {"value": 0.25}}}},
      {"arm": "c", "timed": {"nmse": 1e-2, "bound": 1e-5}}]}})");
}

/// Those of one label, in the order of the arms.
std::vector<double> values(const Json& report, const std::string& label,
                           const Json* baseline = nullptr) {
  std::vector<double> found;
  for (const GatedValue& value : gated_values(report, baseline))
    if (value.label == label) found.push_back(value.value);
  return found;
}

std::vector<CompareArm> arms() {
  return parse_arms({"a", "b:x=1", "c"});
}

}  // namespace

TEST_CASE("without a baseline every other arm is held against the first") {
  const Json report = made_up();
  CHECK(values(report, "tg8") == std::vector<double>{1.5, 2});
  CHECK(values(report, "load") == std::vector<double>{1.5, 0.5});
  CHECK(values(report, "memory") == std::vector<double>{1.1, 0.5});
  CHECK(values(report, "nmse") == std::vector<double>{0, 1e-7, 1e-2});
  CHECK(values(report, "kl") == std::vector<double>{0.25});
}

TEST_CASE("with one every arm is held against itself, by shares of what the machine gave") {
  const Json before = made_up();
  Json now = made_up();
  now["speed"]["cases"][0]["arms"][0]["bandwidth_share"] = 0.2;
  now["arms"][0]["load_seconds"] = 3.0;
  CHECK(values(now, "tg8", &before) == std::vector<double>{0.5, 1, 1});
  CHECK(values(now, "load", &before) == std::vector<double>{1.5, 1, 1});
}

TEST_CASE("what was not measured is no number, and fails every gate") {
  Json report = made_up();
  report["speed"]["cases"][0]["comparisons"][1].erase("ratio");
  report["arms"][2].erase("memory");
  report["numbers"]["arms"][2]["timed"]["nmse"] = nullptr;  // as JSON has no infinity
  CHECK(std::isnan(values(report, "tg8")[1]));
  CHECK(std::isnan(values(report, "memory")[1]));
  CHECK(std::isinf(values(report, "nmse")[2]));
  const auto gates = parse_gates({"tg<0.9,memory>2,nmse>1"}, "--fail-if");
  CHECK(failed_gates(gates, gated_values(report, nullptr)).size() == 3);
}

TEST_CASE("a baseline without the arm is refused") {
  Json before = made_up();
  before["arms"].erase(1);
  CHECK_NOTHROW(check_baseline(before, parse_arms({"a", "c"})));
  CHECK_THROWS_AS(check_baseline(before, arms()), Error);
  CHECK_THROWS_AS(gated_values(made_up(), &before), Error);
}

TEST_CASE("the fastest arm within its bound is saved") {
  Json report = made_up();
  const std::string text = save_deployment(report, arms(), std::nullopt);
  CHECK(report["saved"]["arm"] == "b:x=1");
  CHECK(report["saved"]["base"] == "a");
  CHECK(report["saved"]["ratio"].get<double>() == Approx(1.5));
  CHECK(report["saved"]["expected"][0]["rerun"]["low"] == 1.4);
  CHECK(text.find("sirocco: deployment/1") != std::string::npos);
  CHECK(text.find("name: \"b\"") != std::string::npos);
  CHECK(text.find("x: \"1\"") != std::string::npos);
}

TEST_CASE("a budget lets a faster arm in, or leaves only the exact one") {
  Json report = made_up();
  save_deployment(report, arms(), 0.1);
  CHECK(report["saved"]["arm"] == "c");
  save_deployment(report, arms(), 0.0);
  CHECK(report["saved"]["arm"] == "a");
}

TEST_CASE("where no arm is fit each is said why") {
  Json report = made_up();
  report["arms"][0]["status"] = "failed";
  report["speed"]["cases"][0]["comparisons"][0].erase("ratio");
  try {
    save_deployment(report, arms(), std::nullopt);
    FAIL("saved");
  } catch (const Error& e) {
    const std::string what = e.what();
    CHECK(what.find("a: it failed") != std::string::npos);
    CHECK(what.find("b:x=1: it was not timed") != std::string::npos);
    CHECK(what.find("c: its outputs drift") != std::string::npos);
  }
  CHECK(!report.contains("saved"));
}

TEST_CASE("a report of another kind or version is refused") {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / "sirocco-report-values-test.json";
  const auto read = [&](const std::string& text) {
    std::ofstream(file) << text;
    return read_report(file.string());
  };
  CHECK(read(made_up().dump()) == made_up());
  Json other = made_up();
  other["format"] = "sirocco.compare/2";
  CHECK_THROWS_AS(read(other.dump()), Error);
  other = made_up();
  other.erase("numbers");
  CHECK_THROWS_AS(read(other.dump()), Error);
  for (const char* text : {"", "[]", "{", "{}", "{\"format\": 1}"})
    CHECK_THROWS_AS(read(text), Error);
  std::filesystem::remove(file);
  CHECK_THROWS_AS(read_report(file.string()), Error);
}
