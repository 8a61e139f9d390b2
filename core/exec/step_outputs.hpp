#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "exec/plan.hpp"

namespace sirocco {

/// A tensor left by a step, in host memory; valid until the next step.
struct OutputView {
  const std::byte* data = nullptr;
  sirocco_dtype dtype = SIROCCO_DTYPE_NONE;
  std::vector<int64_t> shape;  ///< at the step's live sizes
  /// Elements as f32 (from f32, f16, bf16 or f64), `n` of them from `first` on.
  void to_f32(int64_t first, int64_t n, float* target) const;
};

/// The outputs of a plan in the host's memory: where their device left them if the host sees it,
/// else copies. Reading throws Error(plugin) where the device fails.
class StepOutputs {
 public:
  /// `arenas` by device; both outlive this.
  StepOutputs(const Plan& plan, std::span<const DeviceBuffer> arenas);

  /// What devices of invisible memory made; a failure of work that they had queued shows here, and
  /// so within the step. Logits that a step `sampled` from stay where they are.
  void read(const Extents& live, bool sampled);
  /// By index into Plan::outputs(), at the sizes of the last read(). Reads what that had left.
  const OutputView& view(size_t index);
  /// From devices whose memory the host cannot see, so far.
  uint64_t bytes_read() const { return bytes_read_; }

 private:
  /// Into the host's memory, unless it lies there already.
  void fetch(size_t index);

  const Plan& plan_;
  std::span<const DeviceBuffer> arenas_;
  std::vector<std::vector<std::byte>> staging_;
  std::vector<OutputView> views_;
  std::vector<char> unread_;  ///< by output: left on its device by the last step
  uint64_t bytes_read_ = 0;
  Extents live_;
};

}  // namespace sirocco
