#include "compare/node_drift.hpp"

#include <algorithm>
#include <map>

#include "graph/op.hpp"
#include "graph/tensor_type.hpp"

namespace sirocco {
namespace {

/// Drift by value, in the order in which values first come.
class Drifts {
 public:
  Drifts(const Graph& graph, const Recording& recording) : graph_(graph), recording_(recording) {}

  void begin(size_t step) { step_ = step; }

  /// The recorded bytes; nullopt where there are none.
  std::optional<Recording::Entry> add(ValueId id, std::span<const std::byte> made) {
    const Value& value = graph_.values[id];
    const auto recorded = recording_.find(step_, value.name);
    if (!recorded || recorded->dtype != value.type.dtype) return std::nullopt;
    const auto [entry, fresh] = places_.try_emplace(id, drifts_.size());
    if (fresh) drifts_.push_back(start(value));
    ValueDrift& drift = drifts_[entry->second];
    (DriftTokens::is_prompt(step_) ? drift.prompt : drift.single)
        .add(value.type.dtype, recorded->bytes, made);
    return recorded;
  }

  std::vector<ValueDrift> take() { return std::move(drifts_); }

 private:
  ValueDrift start(const Value& value) const {
    ValueDrift drift;
    drift.value = value.name;
    drift.dtype = value.type.dtype;
    if (value.producer != kNone) {
      const Node& node = graph_.nodes[value.producer];
      drift.node = node.path;
      drift.op = node.op->name;
      drift.layer = node.layer;
    }
    return drift;
  }

  const Graph& graph_;
  const Recording& recording_;
  size_t step_ = 0;
  std::map<ValueId, size_t> places_;
  std::vector<ValueDrift> drifts_;
};

}  // namespace

nlohmann::ordered_json ValueDrift::json(bool whole_model) const {
  return {{"value", value},
          {"node", node},
          {"op", op},
          {"layer", layer},
          {"dtype", dtype_name(dtype)},
          {"bound", drift_bound(dtype, whole_model)},
          {"outside", outside(whole_model)},
          {"prompt", prompt.json()},
          {"single", single.json()}};
}

std::vector<ValueDrift> drift_of_parts(Executor& executor, const Recording& recording,
                                       DriftInputs inputs) {
  const Plan& plan = executor.plan();
  Drifts drifts(plan.graph(), recording);
  executor.watch([&](size_t part) {
    for_each_made(plan, part, [&](ValueId value) {
      const auto recorded = drifts.add(value, executor.made(part, value));
      if (recorded && inputs == DriftInputs::recorded)
        executor.replace(part, value, recorded->bytes);
    });
  });
  run_steps(executor, recording.tokens(), [&](size_t step) { drifts.begin(step); });
  executor.watch({});
  return drifts.take();
}

std::vector<ValueDrift> drift_of_outputs(Executor& executor, const Recording& recording) {
  const Plan& plan = executor.plan();
  Drifts drifts(plan.graph(), recording);
  size_t now = 0;
  const auto look = [&] {
    drifts.begin(now);
    for (size_t i = 0; i < plan.outputs().size(); ++i) {
      drifts.add(plan.outputs()[i].value, bytes_of(executor.output(i)));
    }
  };
  // `run_steps` tells of a step before it runs: outputs are looked at before the next, and at last.
  run_steps(executor, recording.tokens(), [&](size_t step) {
    if (step > 0) look();
    now = step;
  });
  look();
  std::vector<ValueDrift> found = drifts.take();
  // Observed values come after the graph's outputs: in the order of the graph they show where a
  // drift begins.
  std::ranges::stable_sort(found, {}, [&](const ValueDrift& drift) {
    return plan.graph().values[plan.graph().find_value(drift.value)].producer;
  });
  return found;
}

}  // namespace sirocco
