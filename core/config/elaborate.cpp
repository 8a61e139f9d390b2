#include "config/elaborate.hpp"

#include <sirocco/error.hpp>

#include "config/elaborate_objects.hpp"
#include "config/elaborate_run.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace {

/// Everything of one build, which ends with it.
class GraphBuild {
 public:
  GraphBuild(const ResolvedModel& model, const OpRegistry& ops, const GraphOptions& options)
      : model_(model),
        builder_(graph_, options.numerics),
        weights_(model, builder_, expressions_, budget_),
        states_(model.topology, model.params, graph_, options, expressions_, budget_),
        composites_(model.topology, ops, expressions_),
        elaborator_({.ops = ops,
                     .builder = builder_,
                     .expressions = expressions_,
                     .budget = budget_,
                     .topology = &model.topology,
                     .params = &model.params,
                     .weights = &weights_,
                     .states = &states_,
                     .composites = &composites_}) {}

  Graph run() {
    try {
      run_statements();
    } catch (const Error& error) {
      // Tensors that are missing may be why something else went wrong.
      weights_.require_all(error.what());
      throw;
    }
    weights_.require_all();
    builder_.finish();
    states_.finish();
    return std::move(graph_);
  }

 private:
  void run_statements() {
    ElaborateFrame frame;
    elaborator_.run(model_.topology.graph, frame);
    for (const auto& [name, node] : model_.topology.outputs) {
      const Expression& expression = expressions_.get(node);
      const ExprValue value = elaborator_.evaluate_named(expression, frame, name, name);
      const ValueId id = elaborator_.tensor(value, expression.place, "output " + in_quotes(name));
      if (graph_.values[id].producer == kNone) {
        fail_at(expression.place, "output " + in_quotes(name) + " is " +
                                      in_quotes(graph_.values[id].name) +
                                      ", expected something that a node makes");
      }
      graph_.outputs.push_back({name, id});
    }
  }

  const ResolvedModel& model_;
  Graph graph_;
  GraphBuilder builder_;
  ExpressionCache expressions_;
  ExprBudget budget_;
  WeightTable weights_;
  StateTable states_;
  CompositeFinder composites_;
  Elaborator elaborator_;
};

}  // namespace

Graph build_graph(const ResolvedModel& model, const OpRegistry& ops, const GraphOptions& options) {
  return GraphBuild(model, ops, options).run();
}

}  // namespace sirocco
