#pragma once
// A backend held against a recording, value by value.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "compare/drift.hpp"
#include "compare/recording.hpp"

namespace sirocco {

/// How far one value of the model drifted.
struct ValueDrift {
  std::string value;  ///< its name in the graph
  std::string node;   ///< path of the node that made it
  std::string op;
  int layer = -1;  ///< −1: outside layers
  sirocco_dtype dtype = SIROCCO_DTYPE_NONE;
  DriftSum prompt;  ///< in the step of many rows
  DriftSum single;  ///< in the steps of one row

  double nmse() const { return std::max(prompt.nmse(), single.nmse()); }
  /// Against drift_bound().
  bool outside(bool whole_model) const { return !(nmse() <= drift_bound(dtype, whole_model)); }
  nlohmann::ordered_json json(bool whole_model) const;
};

enum class DriftInputs {
  own,       ///< each part reads what the backend itself made: errors add up
  recorded,  ///< each part reads what was recorded, so that what it errs by is its own
};

/// Runs the recorded steps and compares every value that a part makes for others, in the order in
/// which they are made. Values that the recording lacks are left out. Throws as Executor::step
/// does, Error(failure) where sizes differ.
std::vector<ValueDrift> drift_of_parts(Executor& executor, const Recording& recording,
                                       DriftInputs inputs);
/// The same for the plan's outputs and observed values, of which there are none but the last.
std::vector<ValueDrift> drift_of_outputs(Executor& executor, const Recording& recording);

}  // namespace sirocco
