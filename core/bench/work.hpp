#pragma once

#include "exec/plan.hpp"

namespace sirocco {

/// What the steps of a measurement cannot do without, whatever the backend.
struct StepWork {
  double flops = 0;
  double weight_bytes = 0;  ///< each weight once; of tables the rows that are looked up, of experts
                            ///< as many as the tokens can choose
  double state_bytes = 0;   ///< what the tokens see of the state, once

  double bytes() const { return weight_bytes + state_bytes; }
};

/// One step of `tokens` new tokens of each of `sequences` sequences that hold `depth` already; one
/// row of each is wanted.
StepWork step_work(const Plan& plan, int64_t tokens, int64_t depth, int64_t sequences = 1);

}  // namespace sirocco
