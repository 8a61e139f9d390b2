#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "exec/executor.hpp"

namespace sirocco {

/// A value over all tokens of one prompt, in f32.
struct ForwardTensor {
  std::string name;            ///< "logits.0", "tap.layers.3/h.0"
  std::vector<int64_t> shape;  ///< [T, …]
  std::vector<float> data;
};

using Prompts = std::vector<std::vector<int32_t>>;

/// Limits that `forward` needs to run these prompts as one ragged batch, `chunk` tokens of each
/// prompt a step (0: whole prompts).
StepLimits forward_limits(const Prompts& prompts, size_t chunk);

/// Teacher-forced logits at every position of every prompt, and the plan's observed values, in the
/// order of the prompts. The executor's plan has at least the limits above. `progress` is told the
/// tokens done and in all after each step.
std::vector<ForwardTensor> forward(Executor& executor, const Prompts& prompts, size_t chunk,
                                   const std::function<void(size_t done, size_t total)>& progress);

/// Index of the plan's output `logits`. Error(invalid_file) where the model has none, and so cannot
/// do what `purpose` says ("generate text").
size_t find_logits(const Plan& plan, const std::string& purpose);

/// Error(invalid_file) that names the place of an id outside the vocabulary; `what` is what the
/// lists are called.
void check_ids(const Prompts& prompts, int32_t vocab_size, const char* what = "prompt");

/// Prompts from JSON text, a list of lists of token ids. Error(invalid_file) names `label` and the
/// place for anything else.
Prompts parse_prompts(const std::string& text, const std::string& label);

}  // namespace sirocco
