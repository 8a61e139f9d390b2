#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/elaborate_expressions.hpp"
#include "config/elaborate_graph.hpp"
#include "config/resolve.hpp"

namespace sirocco {

/// A declared weight with the indices that make it one of them.
struct WeightMatch {
  const WeightDecl* decl = nullptr;
  std::map<std::string, int64_t> indices;  ///< by the names in braces
};

/// Finds declarations by name: "layers.3.wq" is declared as "layers.{i}.wq".
class WeightNames {
 public:
  explicit WeightNames(const TopologyDocument& topology);
  std::optional<WeightMatch> find(const std::string& name) const;
  /// Whether a declared name is `form`, where every index in both is "{}".
  bool has_form(const std::string& form) const { return by_form_.count(form) > 0; }
  /// Forms and what is declared.
  const std::map<std::string, std::string>& forms() const { return forms_; }

  /// "layers.{i}.wq" as "layers.{}.wq".
  static std::string form_of(const std::string& declared);

 private:
  const TopologyDocument& topology_;
  std::unordered_map<std::string, size_t> by_form_;
  std::map<std::string, std::string> forms_;
};

/// The weights of one model as values of one graph.
class WeightTable {
 public:
  WeightTable(const ResolvedModel& model, GraphBuilder& builder, ExpressionCache& expressions,
              ExprBudget& budget);

  /// The weight as an expression sees it: null where its `when` says that it is absent, nullopt
  /// where none of that name is declared.
  std::optional<ExprValue> find(const std::string& name);
  /// The graph's value of a weight that `find` gave. Throws Error(invalid_file) where its shape in
  /// the checkpoint is another; one that is missing is remembered and stands in with its shape.
  ValueId value(const std::string& name);
  /// Throws Error(invalid_file) naming what is missing from the checkpoint, if anything is, and
  /// after it what else went wrong.
  void require_all(const std::string& also = "") const;
  std::vector<std::string> names() const;

 private:
  std::string file_name(const std::string& name, const WeightMatch& match) const;
  Shape declared_shape(const std::string& name, const WeightMatch& match);

  const ResolvedModel& model_;
  GraphBuilder& builder_;
  ExpressionCache& expressions_;
  ExprBudget& budget_;
  WeightNames names_;
  std::unordered_map<std::string, ValueId> values_;
  std::unordered_map<std::string, bool> present_;
  std::vector<std::string> missing_;  ///< names in the file
};

}  // namespace sirocco
