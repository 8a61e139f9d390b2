#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "eval/windows.hpp"
#include "exec/executor.hpp"

namespace sirocco {

/// Told of each token that is scored, in order: the row of logits [vocab] that predicts
/// tokens[window][position]. The row lives until the call returns.
using ScoredRow =
    std::function<void(size_t window, size_t position, std::span<const float> logits)>;

/// Tokens, sequences and rows of one step with which `run_windows` makes do.
StepLimits window_limits(const WindowRule& rule, int64_t chunk);

/// Runs windows one after another, at most `chunk` tokens a step; logits are made only where a
/// token is scored. `progress` is told the tokens done and in all. Throws Error(invalid_file) where
/// the model has no output `logits` and for ids outside its vocabulary, and what `row` throws.
void run_windows(Executor& executor, const Windows& windows, const WindowRule& rule, int64_t chunk,
                 const ScoredRow& row, const std::function<void(size_t, size_t)>& progress);

}  // namespace sirocco
