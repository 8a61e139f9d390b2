#pragma once
// The cosines and sines of a step's positions, worked out once for all layers.

#include <vector>

#include "stages/stage.hpp"

namespace sirocco::cpu {

class RopeTable : public Stage {
 public:
  /// Angles position * theta^(-2j / rotary) of pair j (Su et al. 2021, equation 15).
  RopeTable(uint32_t positions, int64_t rotary, double theta, bool interleaved);

  bool same(uint32_t positions, int64_t rotary, double theta, bool interleaved) const {
    return positions == positions_ && rotary == rotary_ && theta == theta_ &&
           interleaved == interleaved_;
  }
  uint64_t bytes(int64_t max_tokens) const { return 2 * floats_bytes(max_tokens * pairs()); }
  /// Where in the executable's lasting memory it lies.
  void place(uint64_t offset, int64_t max_tokens) {
    offset_ = offset;
    max_tokens_ = max_tokens;
  }
  int64_t pairs() const { return rotary_ / 2; }

  void run(int phase, const Worker& worker) const override;
  /// Rotates the heads in `row`, `n` elements of token `token`.
  void rotate(const StepContext& context, int64_t token, float* row, int64_t n,
              int64_t head_dim) const;

 private:
  float* cosines(const StepContext& context) const;
  float* sines(const StepContext& context) const;

  uint32_t positions_;
  int64_t rotary_;
  double theta_;
  bool interleaved_;
  std::vector<double> frequencies_;
  uint64_t offset_ = 0;
  int64_t max_tokens_ = 0;
};

}  // namespace sirocco::cpu
