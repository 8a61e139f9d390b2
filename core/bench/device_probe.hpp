#pragma once

#include <memory>

#include "bench/probe.hpp"
#include "exec/executor.hpp"
#include "graph/op.hpp"

namespace sirocco {

/// What one device of any backend reaches, measured through the backend itself: bytes a second
/// while one row is multiplied with a weight as large as memory is to be had, operations a second
/// while many rows are. It tells how far a model is from its backend's own plain product, which the
/// probe of the host cannot where the device has memory and arithmetic of its own.
class DeviceProbe : public SpeedProbe {
 public:
  /// `dtype` of weights and activations. Compiles and allocates on the device. Throws Error(plugin)
  /// where it runs neither embedding, linear nor gather_rows of that dtype.
  DeviceProbe(const Device& device, const OpRegistry& ops, sirocco_dtype dtype);

  double bandwidth() override;
  /// 0: memory of the host's is not what the device reads.
  double bandwidth(const std::vector<std::span<const std::byte>>&) override { return 0; }
  double flops() override;

 private:
  /// Seconds of the quickest of some steps of so many rows.
  double seconds(int64_t rows);

  std::vector<std::byte> weights_;  ///< zeros; devices that import the host's memory read them here
  std::unique_ptr<Executor> executor_;
  double weight_bytes_ = 0, flops_per_row_ = 0;
  int64_t many_rows_ = 0;  ///< 0: not chosen yet
};

}  // namespace sirocco
