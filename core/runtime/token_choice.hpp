#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "exec/executor.hpp"
#include "runtime/sampling.hpp"

namespace sirocco {

/// Whether the op `sample` serves these options: it knows no penalties and reports no logprobs.
bool device_can_sample(const SamplingOptions& options);

/// Chooses the tokens of one sequence, one a step: on the device where the plan samples and the
/// options allow it, so that a step brings back an id a row instead of the logits; else on the
/// host. Allocates nothing after its construction. The executor must outlive it.
class TokenChoice {
 public:
  /// Throws Error(invalid_file) where the model has no output "logits", and as Sampler.
  TokenChoice(Executor& executor, const SamplingOptions& options, std::span<const int32_t> prompt);

  bool on_device() const { return !host_; }
  /// For the one wanted row of a step (SequenceInput::sampling); valid as long as this object.
  std::span<const sdk::SamplingRecord> records() const {
    return {&record_, on_device() ? size_t{1} : size_t{0}};
  }
  /// From the last step, which had one wanted row and these records. `position` is that of the
  /// chosen token. Throws as Sampler::sample; Error(plugin) for an id outside the vocabulary.
  Sampled choose(uint64_t position);

 private:
  Sampled sample(Sampler& sampler, uint64_t position);

  Executor& executor_;
  SamplingOptions options_;
  sdk::SamplingRecord record_;
  size_t output_ = 0;  ///< the logits
  std::vector<float> logits_;
  std::optional<Sampler> host_;
};

}  // namespace sirocco
