#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "exec/executor.hpp"

namespace sirocco {

/// One step as it was run, with its commits.
struct FedStep {
  int64_t tokens = 0;
  int64_t rows = 0;       ///< wanted
  uint64_t begin_ns = 0;  ///< CLOCK_MONOTONIC, as node times are
  uint64_t end_ns = 0;

  uint64_t ns() const { return end_ns - begin_ns; }
};

/// Feeds made-up tokens to a model where only the work counts. Ids are such as any vocabulary has;
/// what they are does not change the work, but equal ones might be kinder to a cache than text is.
class Feeder {
 public:
  /// Told of a step when it is over, while the executor's times are still its own.
  using After = std::function<void(const FedStep&)>;

  explicit Feeder(Executor& executor);

  /// A prompt of `n` tokens, in as few steps as the plan allows; its last row is wanted.
  void read(SequenceId id, int64_t n, const After& after);
  /// One token of each sequence, in one step; every row is wanted.
  void make(std::span<const SequenceId> ids, const After& after);

 private:
  void draw(int64_t n);
  void step(std::span<const SequenceInput> inputs, const After& after);

  Executor& executor_;
  uint32_t vocabulary_;
  uint64_t state_ = 1;
  std::vector<int32_t> buffer_;
  std::vector<SequenceInput> inputs_;
};

}  // namespace sirocco
