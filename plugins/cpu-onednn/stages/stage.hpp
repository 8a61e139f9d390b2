#pragma once
// A stage: nodes that the team runs together, between two barriers.

#include <cstdint>
#include <span>
#include <string>

#include <sirocco/sdk/kernel.hpp>
#include <sirocco/sdk/state_store.hpp>

#include "gemm.hpp"
#include "isa.hpp"

namespace sirocco::cpu {

using sdk::Tensor;

/// The kernels' name for a dtype. Throws sdk::Declined for one they do not take.
Dtype dtype_of(sirocco_dtype dtype);

/// What all threads see of one step.
struct StepContext {
  const Kernels* kernels = nullptr;
  Isa isa = Isa::plain;
  const sdk::StepView* step = nullptr;
  std::span<const Tensor> tensors;                 ///< by value index
  std::span<const sdk::StateStore* const> stores;  ///< by group index
  std::byte* shared = nullptr;                     ///< what stages asked for, for all threads

  const Tensor& tensor(uint32_t value) const { return tensors[value]; }
};

/// One thread's view of it.
struct Worker {
  const StepContext& context;
  int64_t thread = 0;
  int64_t n_threads = 1;
  std::byte* scratch = nullptr;  ///< this thread's own
  Gemm& gemm;

  const Kernels& kernels() const { return *context.kernels; }
  const Tensor& tensor(uint32_t value) const { return context.tensor(value); }

  /// This thread's part of [0, n), in whole units.
  struct Range {
    int64_t begin = 0, end = 0;
  };
  Range share(int64_t n, int64_t unit = 1) const {
    const int64_t units = (n + unit - 1) / unit;
    const int64_t end = units * (thread + 1) / n_threads * unit;
    return {units * thread / n_threads * unit, end < n ? end : n};
  }
};

/// Memory that a stage needs at the limits.
struct StageMemory {
  uint64_t scratch = 0;  ///< bytes a thread, free again when a phase ends
  uint64_t shared = 0;   ///< bytes for all threads, free again when the stage ends
};

class Stage {
 public:
  virtual ~Stage() = default;
  /// On one thread, before the team starts. Throws sdk::StatusError for data that is at fault.
  virtual void check(const StepContext&) const {}
  /// Phases of this step; between two all threads meet.
  virtual int phases(const StepContext&) const { return 1; }
  /// On every thread. Throws sdk::StatusError.
  virtual void run(int phase, const Worker& worker) const = 0;

  uint32_t node = 0;     ///< the host's id of its first node, for times
  uint32_t n_nodes = 1;  ///< that it stands for
  std::string path;      ///< of its first node, for messages
};

inline constexpr uint64_t round_up_64(uint64_t bytes) {
  return (bytes + 63) / 64 * 64;
}
inline constexpr uint64_t floats_bytes(int64_t n) {
  return round_up_64(static_cast<uint64_t>(n) * sizeof(float));
}

}  // namespace sirocco::cpu
