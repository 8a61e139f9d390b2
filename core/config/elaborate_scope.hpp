#pragma once

#include "config/elaborate_run.hpp"

namespace sirocco {

/// The names that an expression of a graph sees: those bound by statements, the step's inputs,
/// params, states and weights, in this order.
class ElaborateScope : public ExprScope {
 public:
  ElaborateScope(Elaborator& elaborator, ElaborateFrame& frame)
      : elaborator_(elaborator), frame_(frame) {}

  std::optional<ExprValue> find(const std::string& name) override;
  std::vector<std::string> names() const override;
  ExprValue call(const Expr& call, ExprEvaluator& evaluator) override {
    return elaborator_.call(call, evaluator, frame_);
  }

 private:
  std::optional<ExprValue> find_dotted(const std::string& name, size_t dot);
  std::optional<ExprValue> find_weight(const std::string& name);

  Elaborator& elaborator_;
  ElaborateFrame& frame_;
};

/// The value kind of "tokens", "positions" and "wanted"; nullopt for any other name.
std::optional<uint32_t> step_input_kind(std::string_view name);

/// "layers.{i}.wq" with integers among `locals` put in; nullopt where one is unknown.
std::optional<std::string> substitute_indices(
    const std::string& name, const std::map<std::string, ExprValue, std::less<>>& locals);

}  // namespace sirocco
