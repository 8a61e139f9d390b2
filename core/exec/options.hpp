#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sirocco {

struct OpDef;

enum class Fallback { forbid, warn, allow };

/// Nodes that must run on one backend. A node matches when every given criterion does; the first
/// matching rule decides.
struct PlacementRule {
  std::vector<int> layers;         ///< empty: any, those outside layers included
  std::vector<std::string> ops;    ///< full names; empty: any
  std::vector<std::string> nodes;  ///< globs (* and ?) over node paths; empty: any
  std::string device;              ///< name of a Device, or of a backend
  std::string origin;              ///< where the rule was written, for reasons and messages
};

struct PlacementOptions {
  std::vector<PlacementRule> rules;
  Fallback fallback = Fallback::warn;
};

/// The largest sizes a plan allows.
struct StepLimits {
  int64_t max_tokens = 512;    ///< tokens of one step
  int64_t max_seqs = 1;        ///< sequences of one step, and open at the same time
  int64_t max_rows = 1;        ///< rows wanted of one step
  int64_t max_context = 4096;  ///< tokens of one sequence
};

/// Where tokens are chosen.
enum class SampleOn {
  host,       ///< logits are read and sampled on the host
  automatic,  ///< on the device that makes the logits, where it has the op `sample`; else the host
  device,     ///< the same, and an error where it has not
};

struct PlanOptions {
  StepLimits limits;
  PlacementOptions placement;
  SampleOn sample = SampleOn::host;
  const OpDef* sample_op = nullptr;  ///< the registry's `sample`; needed unless on the host
  /// Values to keep besides the outputs, by name; makes an observed plan.
  std::vector<std::string> observe;
  bool timed = false;  ///< record per-node times, on devices whose backends offer `read_times`
  /// Every claimed set is compiled and run by itself, so that nothing is fused with its neighbours
  /// and all that it makes can be looked at (see Executor::watch).
  bool separate = false;
};

}  // namespace sirocco
