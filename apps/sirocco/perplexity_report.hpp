#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "eval/evaluation.hpp"

namespace sirocco::cli {

/// What is said about a whole run of `perplexity`.
struct PerplexityRun {
  std::string model;
  std::string placement;
  std::string text;  ///< file
  size_t tokens = 0;
  size_t unused = 0;
  WindowRule rule;
  std::string base;  ///< what the base was made from; empty: none
  Evaluation result;
};

/// A table for a terminal; with `by_window` a line a window before it.
std::string perplexity_text(const PerplexityRun& run, bool by_window);
/// Shares and probabilities from 0 to 1; a figure that is not finite is null.
nlohmann::ordered_json perplexity_json(const PerplexityRun& run);

}  // namespace sirocco::cli
