#pragma once

#include <cstdint>

namespace sirocco {

/// How much of the machine's processors went to others while something was measured.
class Disturbance {
 public:
  /// Starts counting.
  Disturbance();
  /// Processor time of everybody else since then, as a share of one processor's time; 0 where the
  /// system does not tell.
  double share() const;

 private:
  double start_wall_;
  double start_others_;
};

/// Above it a measurement is marked as disturbed.
inline constexpr double kDisturbed = 0.12;

}  // namespace sirocco
