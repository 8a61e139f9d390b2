#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/expression_eval.hpp"
#include "config/topology_document.hpp"

namespace sirocco {

/// What a source says a param is.
struct GivenParam {
  ExprValue value;     ///< of a param per layer maybe a list
  std::string origin;  ///< "config.json: hidden_size", for reports
  std::string where;   ///< how messages about it begin: a file, or a place
};

/// The params of one model: given by sources, else computed from other params. Immutable.
class ParamTable {
 public:
  ParamTable() = default;
  /// Every param of `topology` must be given or have a `value` or `default`. Evaluates all that do
  /// not depend on a layer. Throws Error(invalid_file) for values of wrong types or out of bounds
  /// and for cycles.
  ParamTable(const TopologyDocument& topology, const std::map<std::string, GivenParam>& given);

  /// The value; of a param per layer an object to be indexed by the layer, valid as long as this
  /// table stays where it is. nullopt where there is no such param.
  std::optional<ExprValue> find(const std::string& name) const;
  /// As part of a larger task.
  std::optional<ExprValue> find(const std::string& name, ExprBudget& budget) const;
  /// Of a param per layer. Throws Error(invalid_file).
  ExprValue at_layer(const std::string& name, int64_t layer, ExprBudget& budget) const;
  std::vector<std::string> names() const;

  struct Line {
    std::string name;
    std::string value;   ///< as an expression would write it; an expression in `i` if per layer
    std::string origin;  ///< "config.json: hidden_size", "default", "computed"
  };
  /// For reports, in the order of the topology.
  std::vector<Line> list() const;

 private:
  struct Entry {
    std::string name;
    ParamDecl decl;
    std::string origin;
    std::string where;
    /// Of a param that is not per layer set by the end of the constructor, and never after.
    mutable std::optional<ExprValue> value;
    std::optional<Expression> expression;
  };
  const Entry* entry(const std::string& name) const;
  ExprValue checked(const Entry& entry, ExprValue value) const;
  ExprValue evaluate_entry(const Entry& entry, std::optional<int64_t> layer,
                           ExprBudget& budget) const;

  std::vector<Entry> entries_;
  std::map<std::string, size_t, std::less<>> index_;
};

/// Params as names, and inside something per layer the layer's index as `i`.
class ParamScope : public ExprScope {
 public:
  ParamScope(const ParamTable& table, ExprBudget& budget, std::map<std::string, int64_t> indices)
      : table_(table), budget_(budget), indices_(std::move(indices)) {}
  std::optional<ExprValue> find(const std::string& name) override;
  std::vector<std::string> names() const override;

 private:
  const ParamTable& table_;
  ExprBudget& budget_;
  std::map<std::string, int64_t> indices_;
};

/// `value` as a param of this declaration: an integer becomes a float where one is asked for.
/// `what` begins messages: "config.json: 'hidden_size'". Throws Error(invalid_file).
ExprValue check_param(const ParamDecl& decl, ExprValue value, const std::string& what);

/// Names that lead back to themselves: {a, b, a}; empty where none do. `edges` holds what each
/// needs.
std::vector<std::string> find_cycle(const std::map<std::string, std::set<std::string>>& edges);

/// "a → b → a".
std::string chain_text(const std::vector<std::string>& names);

/// Params that need themselves: "a → b → a", with the place of a; nullopt where there are none.
/// `expressions` by param.
std::optional<Diagnostic> find_param_cycle(const std::map<std::string, Expression>& expressions);

/// The names in an expression.
void collect_names(const Expr& expr, std::vector<const Expr*>& names);

}  // namespace sirocco
