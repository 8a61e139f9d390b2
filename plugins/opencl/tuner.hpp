#pragma once
// Which shape of a kernel a device runs fastest: a few are tried when a model is first compiled,
// and what was found is kept on disk. Shapes may add up in another order, so that nothing is tried
// where it could not be kept: the same build must give the same bits again.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "device.hpp"

namespace sirocco::opencl {

/// How a product is cut into work-groups.
struct Tile {
  uint32_t lanes = 1;  ///< items that share a row
  uint32_t vec = 1;    ///< elements loaded at a time
  uint32_t pairs = 1;  ///< pairs of sums a group
  uint32_t rows = 1;   ///< rows a group
  bool local = false;  ///< ops/linear_tiles.cl, whose shape is fixed, instead of ops/linear.cl
};

class Tuner {
 public:
  explicit Tuner(Device& device) : device_(device) {}

  /// Seconds that one launch of a shape takes. Throws StatusError where it does not run.
  using Measure = std::function<double(const Tile&)>;

  /// The fastest of `candidates`, of which the first is taken where nothing may be tried or the
  /// budget is spent. `what` names kernel, dtypes and class of sizes.
  Tile pick(const std::string& what, const std::vector<Tile>& candidates, const Measure& measure);

 private:
  /// Builds not counted: what trying may take for one model.
  static constexpr double kBudgetSeconds = 1;

  Device& device_;
  std::map<std::string, Tile> picked_;
  double spent_ = 0;
};

}  // namespace sirocco::opencl
