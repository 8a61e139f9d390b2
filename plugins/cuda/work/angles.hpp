#pragma once
// Cosines and sines of rotations, worked out in double and kept on the device: angles grow with the
// position, and their f32 products would be off by more the later a token is.

#include <cstdint>
#include <list>

#include <sirocco/sdk/op_checks.hpp>

#include "device.hpp"
#include "ops/linear.hpp"

namespace sirocco::cuda {

class Angles {
 public:
  /// `n_positions`: positions are below it.
  Angles(Device& device, int64_t n_positions) : device_(device), n_positions_(n_positions) {}
  Angles(const Angles&) = delete;
  Angles& operator=(const Angles&) = delete;
  ~Angles();

  /// A rotation of these attributes, without positions. Tables are shared by all that are alike.
  /// Throws StatusError.
  Rotation of(const sdk::ops::RopeAttributes& rope);
  int64_t n_positions() const { return n_positions_; }
  bool empty() const { return tables_.empty(); }

 private:
  struct Table {
    int64_t rotary_dim;
    double theta;
    void* memory;
  };
  const Table& table(int64_t rotary_dim, double theta);

  Device& device_;
  int64_t n_positions_;
  std::list<Table> tables_;
};

}  // namespace sirocco::cuda
