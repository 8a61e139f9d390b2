#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "exec/executor.hpp"

namespace sirocco {

/// One step as it was run, with its commit.
struct FedStep {
  int64_t tokens = 0;
  int64_t rows = 0;       ///< wanted: 1 where the last token asked for was in the step, else 0
  uint64_t begin_ns = 0;  ///< CLOCK_MONOTONIC, as node times are
  uint64_t end_ns = 0;

  uint64_t ns() const { return end_ns - begin_ns; }
};

/// Feeds made-up tokens to a model where only the work counts. Ids are such as any vocabulary has;
/// what they are does not change the work, but equal ones might be kinder to a cache than text is.
class Feeder {
 public:
  explicit Feeder(Executor& executor);

  /// `n` more tokens of a sequence, in as few steps as the plan allows; `after` is told of each
  /// when it is over, while the executor's times are still its own.
  void feed(SequenceId id, int64_t n, const std::function<void(const FedStep&)>& after);

 private:
  int32_t next();

  Executor& executor_;
  uint32_t vocabulary_;
  uint64_t state_ = 1;
  std::vector<int32_t> buffer_;
};

}  // namespace sirocco
