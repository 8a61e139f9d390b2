#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "exec/executor.hpp"

namespace sirocco {

struct GenerateOptions {
  size_t max_tokens = 128;
  std::vector<int32_t> stop_ids;  ///< generation ends before these
};

enum class StopReason { stop_token, max_tokens, context, cancelled };

struct GenerateResult {
  size_t n_prompt = 0;
  size_t n_generated = 0;
  StopReason reason = StopReason::max_tokens;
  uint64_t prefill_ns = 0;  ///< wall time up to the first logits
  uint64_t decode_ns = 0;   ///< wall time of the steps after that
};

/// The most probable next token after another, the first of equals, from the output "logits".
/// `emit` gets each token as it is chosen and returns false to stop. The prompt is run in chunks of
/// the plan's tokens a step. Throws Error(invalid_file) where the model has no logits or the prompt
/// does not fit the context, and as the executor does.
GenerateResult generate_greedy(Executor& executor, std::span<const int32_t> prompt,
                               const GenerateOptions& options,
                               const std::function<bool(int32_t token)>& emit);

}  // namespace sirocco
