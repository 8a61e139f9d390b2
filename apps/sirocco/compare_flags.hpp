#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench_flags.hpp"

namespace sirocco::cli {

/// The command line of `sirocco compare`.
struct CompareOptions {
  std::vector<std::string> models;
  std::vector<std::string> backends;
  std::vector<std::string> plugin_path;
  std::string numerics, fallback = "forbid";
  std::optional<uint32_t> threads;
  std::string reference;
  BenchFlags cases{"128", "32"};
  int64_t repeats = 0;
  int64_t prompt_tokens = 32, single_tokens = 4;
  int64_t deadline = 600;
  double sample_ms = 10;
  uint64_t seed = 1;
  std::string text;
  bool no_speed = false, no_numbers = false, no_probes = false, bisect = false;
  bool json = false, csv = false, markdown = false;
  std::string html, save, baseline, from;
  std::optional<double> budget;
  std::vector<std::string> fail_if;
};

/// Gives the verb its flags and its help.
void add_compare_flags(CLI::App& verb, CompareOptions& options);

}  // namespace sirocco::cli
