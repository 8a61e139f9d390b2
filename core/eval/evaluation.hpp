#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "eval/base_file.hpp"
#include "eval/run_windows.hpp"
#include "eval/statistics.hpp"

namespace sirocco {

/// One window's own figures.
struct WindowResult {
  Measurement ppl;
  std::optional<ComparisonSummary> comparison;  ///< where there is a base
};

struct Evaluation {
  size_t scored = 0;  ///< tokens
  Measurement ppl;
  std::optional<ComparisonSummary> comparison;
  std::vector<WindowResult> windows;
};

/// Scores windows; either may be null: rows are compared with those of `base`, and written to
/// `save`, which the caller commits. Throws as `run_windows`, and as those two do.
Evaluation evaluate(Executor& executor, const Windows& windows, const WindowRule& rule,
                    int64_t chunk, BaseReader* base, BaseWriter* save,
                    const std::function<void(size_t, size_t)>& progress);

/// Logits a row of the model's output `logits`. Throws as `find_logits`.
int64_t logits_width(const Plan& plan);

}  // namespace sirocco
