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

/// The system counts in hundredths of a second: of less time than this nothing can be said.
inline constexpr double kLeastSecondsTold = 0.1;

/// Above it a measurement is marked as disturbed.
inline constexpr double kDisturbed = 0.12;

}  // namespace sirocco
