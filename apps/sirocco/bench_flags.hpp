#pragma once

#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench/cases.hpp"

namespace sirocco::cli {

/// The flags that say what is measured.
struct BenchFlags {
  std::string prompt;
  std::string generate;
  std::vector<std::string> prompt_and_gen;
  std::string depth = "0";
  std::string batch = "1";

  BenchFlags(std::string prompts, std::string generates)
      : prompt(std::move(prompts)), generate(std::move(generates)) {}

  /// Throws Error(usage) as the parsers do.
  std::vector<BenchCase> cases() const;
  /// The same as arguments of a command line.
  std::vector<std::string> arguments() const;
};

void add_bench_flags(CLI::App& verb, BenchFlags& flags);

}  // namespace sirocco::cli
