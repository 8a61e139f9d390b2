#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "exec/team.hpp"

namespace sirocco {

/// What memory and arithmetic give to whoever asks for all of it, measured anew at each call.
class SpeedProbe {
 public:
  virtual ~SpeedProbe() = default;
  /// Bytes a second.
  virtual double bandwidth() = 0;
  /// The same over memory of the caller's; 0 where there is none.
  virtual double bandwidth(const std::vector<std::span<const std::byte>>& memory) = 0;
  /// Operations a second.
  virtual double flops() = 0;
};

/// What the memory and the arithmetic of this machine give to a team's threads, measured.
///
/// Other work on the machine changes both from moment to moment, so a figure means something only
/// beside one that was taken in the same run.
class Probe : public SpeedProbe {
 public:
  /// Takes a buffer of the smaller of eight times the last-level cache and 4 GiB, but at most a
  /// quarter of `free_bytes`. Throws Error(failure) where that is too little to measure.
  Probe(Team& team, uint64_t free_bytes);
  ~Probe() override;
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  /// Bytes a second that the threads read together: the best of several ways to read, of which only
  /// those are tried again that were best at the first look.
  double bandwidth() override;
  /// The same over memory of the caller's, which may be slower or faster than the probe's own: in
  /// other pages, on another node, or in a cache. 0 where there is none.
  double bandwidth(const std::vector<std::span<const std::byte>>& memory) override;
  /// f32 or bf16 operations a second out of registers, whichever are more: the best of the vector
  /// instructions that this program knows. Matrix units are not among them.
  double flops() override;

  uint64_t buffer_bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sirocco
