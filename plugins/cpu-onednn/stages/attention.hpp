#pragma once
// Attention over a paged state, and the appending of keys and values that come as values.

#include <cstdint>
#include <optional>

#include "stages/stage.hpp"

namespace sirocco::cpu {

struct AttentionSpec {
  uint32_t q = 0;
  uint32_t out = 0;
  /// The values to append; absent where the products in front wrote into the state themselves.
  std::optional<uint32_t> k, v;
  sirocco_state state{};
  Dtype dtype = Dtype::f32;  ///< of q, k, v and out
  int64_t window = 0;        ///< INT64_MAX: all keys
  float scale = 1;
  int64_t n_heads = 0;
};

class AttentionStage : public Stage {
 public:
  explicit AttentionStage(const AttentionSpec& spec) : spec_(spec) {}
  StageMemory memory(const Kernels& kernels, const sirocco_limits& limits, int64_t n_threads);
  void check(const StepContext& context) const override;
  int phases(const StepContext& context) const override;
  void run(int phase, const Worker& worker) const override;

 private:
  AttentionArgs args(const StepContext& context) const;
  void append(const Worker& worker) const;

  AttentionSpec spec_;
  int64_t n_threads_ = 1;
};

}  // namespace sirocco::cpu
