#pragma once
// Element by element: the second operand is repeated over the leading dimensions of the first.

#include "stages/stage.hpp"

namespace sirocco::cpu {

enum class Elementwise { add, mul, silu, swiglu, copy };

class ElementwiseStage : public Stage {
 public:
  /// `b` is NONE where the operation takes one operand.
  ElementwiseStage(Elementwise operation, uint32_t a, uint32_t b, uint32_t out)
      : operation_(operation), a_(a), b_(b), out_(out) {}
  void run(int phase, const Worker& worker) const override;

 private:
  Elementwise operation_;
  uint32_t a_, b_, out_;
};

}  // namespace sirocco::cpu
