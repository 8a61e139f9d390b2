#include "compare/arm_numbers.hpp"

#include <algorithm>
#include <cmath>

#include <sirocco/error.hpp>

#include "compare/bisect.hpp"
#include "compare/node_drift.hpp"
#include "graph/op.hpp"
#include "runtime/plan_report.hpp"

namespace sirocco {
namespace {

using Json = nlohmann::ordered_json;

Json values_json(const std::vector<ValueDrift>& drifts, bool whole_model) {
  Json values = Json::array();
  for (const ValueDrift& drift : drifts) values.push_back(drift.json(whole_model));
  return values;
}

/// The graph's outputs, as they are after each step.
class Outputs {
 public:
  void keep(Executor& executor) {
    for (size_t i = 0; i < executor.plan().graph().outputs.size(); ++i) {
      const OutputView& view = executor.output(i);
      const auto bytes = bytes_of(view);
      kept_.push_back({view.dtype, {bytes.begin(), bytes.end()}});
    }
  }
  DriftSum against(const Outputs& other) const {
    DriftSum sum;
    for (size_t i = 0; i < std::min(kept_.size(), other.kept_.size()); ++i)
      sum.add(kept_[i].dtype, other.kept_[i].bytes, kept_[i].bytes);
    return sum;
  }

 private:
  struct Kept {
    sirocco_dtype dtype;
    std::vector<std::byte> bytes;
  };
  std::vector<Kept> kept_;
};

/// Everything the executor's outputs are over the recorded steps.
Outputs outputs_of(Executor& executor, const DriftTokens& tokens) {
  Outputs outputs;
  run_steps(executor, tokens, [&](size_t step) {
    if (step > 0) outputs.keep(executor);
  });
  outputs.keep(executor);
  return outputs;
}

/// Worst NMSE of the graph's outputs.
double output_nmse(Executor& executor, const Recording& recording) {
  double worst = 0;
  for (const ValueDrift& drift : drift_of_outputs(executor, recording)) {
    const double nmse = drift.nmse();
    worst = nmse >= worst || std::isnan(nmse) ? nmse : worst;
  }
  return worst;
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::ranges::find(list, text) != list.end();
}

std::vector<std::string> computed_values(const Graph& graph) {
  std::vector<std::string> names;
  for (const Value& value : graph.values)
    if (value.producer != kNone) names.push_back(value.name);
  return names;
}

class Numbers {
 public:
  Numbers(const NumbersTask& task, const Recording& recording, const EmitStage& emit)
      : task_(task), recording_(recording), emit_(emit), engine_(task.engine) {
    model_ = engine_.resolve(task.model);
    options_ = task.options;
    set_limits(options_, recording.tokens());
  }

  void run() {
    check_timed();
    check_alone();
    check_observed();
    if (task_.bisect && (outside_ || !alone_outside_.empty())) bisect_nodes();
  }

 private:
  void check_timed() {
    const auto loaded = engine_.plan(model_, options_);
    const Plan& plan = loaded->plan();
    emit_({{"stage", "placement"}, {"plan", plan_json(plan, true)}});
    Executor& executor = loaded->executor();
    bound_ = drift_bound(output_dtype(plan), true);
    for (const std::string& name : computed_values(plan.graph())) values_.push_back(name);
    for (const Node& node : plan.graph().nodes) nodes_.push_back({node.path, node.op->name});
    std::vector<ValueDrift> drifts = drift_of_parts(executor, recording_, DriftInputs::own);
    const double worst = output_nmse(executor, recording_);
    outside_ = !(worst <= bound_);
    timed_ = outputs_of(executor, recording_.tokens());
    emit_({{"stage", "timed"},
           {"sub_graphs", plan.parts().size()},
           {"nmse", std::isfinite(worst) ? Json(worst) : Json()},
           {"bound", bound_},
           {"outside", outside_},
           {"values", values_json(drifts, true)}});
  }

  void check_alone() {
    ModelOptions options = options_;
    options.separate = true;
    const auto loaded = engine_.plan(model_, options);
    const auto drifts = drift_of_parts(loaded->executor(), recording_, DriftInputs::recorded);
    for (const ValueDrift& drift : drifts)
      if (drift.outside(false) && !contains(alone_outside_, drift.node))
        alone_outside_.push_back(drift.node);
    const auto first =
        std::ranges::find_if(drifts, [](const ValueDrift& drift) { return drift.outside(false); });
    emit_({{"stage", "alone"},
           {"first_outside", first == drifts.end() ? Json() : Json(first->value)},
           {"values", values_json(drifts, false)}});
  }

  void check_observed() {
    ModelOptions options = options_;
    options.observe = values_;
    const auto loaded = engine_.plan(model_, options);
    Executor& executor = loaded->executor();
    const auto drifts = drift_of_outputs(executor, recording_);
    const DriftSum difference = outputs_of(executor, recording_.tokens()).against(timed_);
    emit_({{"stage", "observed"},
           {"timed_against_observed", difference.json()},
           {"values", values_json(drifts, true)}});
  }

  void bisect_nodes() {
    EngineOptions both = task_.engine;
    if (!contains(both.backends, task_.reference)) both.backends.push_back(task_.reference);
    both.fallback = Fallback::allow;
    const Engine engine(both);
    const auto measure = [&](const std::vector<std::string>& given_back) {
      ModelOptions options = options_;
      if (!given_back.empty()) {
        PlacementRule rule;
        rule.nodes = given_back;
        rule.device = task_.reference;
        rule.origin = "bisect";
        options.placement.push_back(rule);
      }
      return output_nmse(engine.plan(model_, options)->executor(), recording_);
    };
    const Bisection found = bisect(nodes_, alone_outside_, bound_, measure);
    emit_({{"stage", "bisect"},
           {"kind", bisection_kind_name(found.kind)},
           {"ops", found.ops},
           {"nodes", found.nodes},
           {"before", found.before},
           {"after", found.after},
           {"measured", found.n_measured},
           {"text", found.text()}});
  }

  const NumbersTask& task_;
  const Recording& recording_;
  const EmitStage& emit_;
  Engine engine_;
  std::shared_ptr<const ResolvedModel> model_;
  ModelOptions options_;
  double bound_ = 0;
  bool outside_ = false;
  std::vector<std::string> values_;
  std::vector<BisectNode> nodes_;
  std::vector<std::string> alone_outside_;  ///< paths of nodes
  Outputs timed_;
};

}  // namespace

void set_limits(ModelOptions& options, const DriftTokens& tokens) {
  options.context = static_cast<int64_t>(tokens.ids.size());
  options.max_tokens = options.max_rows = static_cast<int64_t>(tokens.n_prompt);
  options.max_seqs = 1;
}

void record_arm(const NumbersTask& task, const DriftTokens& tokens,
                const std::filesystem::path& path, const EmitStage& emit) {
  const Engine engine(task.engine);
  const auto model = engine.resolve(task.model);
  ModelOptions options = task.options;
  set_limits(options, tokens);
  options.separate = true;
  const auto loaded = engine.plan(model, options);
  record(loaded->executor(), tokens, path);
  emit({{"stage", "recorded"},
        {"numerics", dtype_name(output_dtype(loaded->plan()))},
        {"placement", placement_line(loaded->plan().placement(), loaded->plan().devices())}});
}

void check_numbers(const NumbersTask& task, const Recording& recording, const EmitStage& emit) {
  Numbers(task, recording, emit).run();
}

}  // namespace sirocco
