#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/elaborate_composite.hpp"
#include "config/elaborate_graph.hpp"
#include "config/elaborate_states.hpp"
#include "config/elaborate_weights.hpp"

namespace sirocco {

/// What statements run in: the whole topology, or the body of an op's decomposition, which knows
/// nothing but its arguments and the ops.
struct ElaborateWorld {
  const OpRegistry& ops;
  GraphBuilder& builder;
  ExpressionCache& expressions;
  ExprBudget& budget;
  const TopologyDocument* topology = nullptr;
  const ParamTable* params = nullptr;
  WeightTable* weights = nullptr;
  StateTable* states = nullptr;
  CompositeFinder* composites = nullptr;
};

/// Where in the model statements are being run.
struct ElaboratePosition {
  std::string path = {};    ///< "layers.3/ffn"; empty outside everything
  std::string prefix = {};  ///< of weights, given by the innermost repeat: "layers.3"
  int layer = -1;
};

/// What the statements being run can see and where they are.
struct ElaborateFrame {
  std::map<std::string, ExprValue, std::less<>> locals = {};
  ElaboratePosition at = {};
  std::string statement = {};  ///< what values without a name are called after
};

/// Runs statements into nodes of a graph.
class Elaborator {
 public:
  explicit Elaborator(ElaborateWorld world);

  void run(const std::vector<Statement>& statements, ElaborateFrame& frame);
  /// Evaluates an expression whose result, if a node makes it now, is called `name`; steps between
  /// are called after `statement`.
  ExprValue evaluate_named(const Expression& expression, ElaborateFrame& frame,
                           const std::string& name, const std::string& statement);
  /// What the last statement of a function gives.
  std::vector<ExprValue> run_function(const std::vector<Statement>& body, ElaborateFrame& frame);
  /// The value of the graph that a result stands for. Throws Error(invalid_file) at `place`.
  ValueId tensor(const ExprValue& value, const Place& place, const std::string& what);

 private:
  friend class ElaborateScope;
  void run(const Statement& statement, ElaborateFrame& frame);
  void assign(const Statement& statement, ElaborateFrame& frame);
  void repeat(const Statement& statement, ElaborateFrame& frame);
  void enter(const Statement& statement, int64_t index, const ElaboratePosition& outer,
             ElaborateFrame& frame);
  void give_name(const ExprValue& value, size_t first_new, const std::string& name);

  ExprValue call(const Expr& call, ExprEvaluator& evaluator, ElaborateFrame& frame);
  ExprValue call_op(const OpDef& op, const Expr& call, ExprEvaluator& evaluator,
                    ElaborateFrame& frame);
  ExprValue call_function(const std::string& name, const FunctionDecl& function, const Expr& call,
                          ExprEvaluator& evaluator, ElaborateFrame& frame);
  ExprValue call_composite(const OpDef& op, const std::vector<ExprValue>& arguments,
                           const Expr& call, ExprEvaluator& evaluator, ElaborateFrame& frame);
  ValueId input_id(const OpDef& op, size_t index, const ExprValue& value, const Expr& at,
                   ExprEvaluator& evaluator);
  ExprValue add_node(const OpDef& op, std::vector<ValueId> inputs, std::vector<Attr> attrs,
                     const Expr& call, ExprEvaluator& evaluator, ElaborateFrame& frame);
  const OpDef& find_op(const Expr& call, ExprEvaluator& evaluator) const;

  ElaborateWorld world_;
  std::map<std::string, const FunctionDecl*> functions_;
  std::vector<std::string> calls_;  ///< functions on the way
};

/// `name` below `path`.
std::string join_path(const std::string& path, const std::string& name);
/// The value of an attribute. Throws Error(invalid_file) without a place for a tensor and the like.
AttrValue to_attr(const ExprValue& value, const AttrSpec& spec);
/// An attribute's value as an expression sees it.
ExprValue from_attr(const AttrValue& value);

}  // namespace sirocco
