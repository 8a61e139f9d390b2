#pragma once
// What a benchmark found, as a table for people and as rows for programs.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/bench.hpp"

namespace sirocco {

/// What was measured on what: without it a speed says nothing. Several backends or devices of one
/// plan are joined by "+".
struct BenchFingerprint {
  std::string model;
  int64_t params = 0;  ///< values of all weights
  uint64_t bytes = 0;  ///< of them, on file
  std::string backend;
  std::string device;    ///< as its backend calls it
  std::string features;  ///< of the device that the backend uses
  uint32_t threads = 0;
  std::string numerics;  ///< dtype of activations
  std::string cpu;       ///< empty where the system does not say
  std::string build;     ///< how this program was built
};

/// All of it but threads, cpu and build, which a plan does not know.
BenchFingerprint fingerprint_of(const Plan& plan, std::string model);

struct BenchReport {
  BenchFingerprint fingerprint;
  std::string placement;    ///< in one line
  double load_seconds = 0;  ///< until the first token is there, so with the weights read once
  double bandwidth = 0;     ///< the probe's bytes a second, at the end
  double flops = 0;         ///< likewise
  uint64_t probe_bytes = 0;
  uint64_t peak_bytes = 0;  ///< resident, before the probe
  std::vector<BenchResult> results;
};

enum class BenchFormat { markdown, csv, json, jsonl };
/// "md", "csv", "json", "jsonl"; Error(usage) for any other.
BenchFormat bench_format_from_name(const std::string& name);

/// One case as one flat row, the same columns in every format: the fingerprint, the case
/// (`test`, `n_prompt`, `n_gen`, `depth`, `batch`), `n_samples` and `disturbed` of them,
/// `tokens_per_second` (the median) with `_avg`, `_stddev`, `_least` and `_most`, and the medians
/// of the shares.
nlohmann::ordered_json bench_row(const BenchReport& report, const BenchResult& result);

/// The whole report, ending in a newline. JSON is one object: what holds for the run, and under
/// `tests` each row with its `samples`; JSON lines are those rows, one a line; CSV (RFC 4180) is a
/// line of column names and the rows without samples.
std::string bench_text(const BenchReport& report, BenchFormat format);

/// A CSV field, in quotes where it holds a comma, a quote, a line's end or a blank at either end.
std::string csv_field(std::string_view text);

}  // namespace sirocco
