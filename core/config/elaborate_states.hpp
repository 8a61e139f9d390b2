#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/elaborate.hpp"
#include "config/elaborate_expressions.hpp"

namespace sirocco {

/// The states of one model in one graph, made where a node first names them. Members of equal
/// window, page size and dtype form a group.
class StateTable {
 public:
  StateTable(const TopologyDocument& topology, const ParamTable& params, Graph& graph,
             const GraphOptions& options, ExpressionCache& expressions, ExprBudget& budget)
      : params_(params),
        graph_(graph),
        options_(options),
        expressions_(expressions),
        budget_(budget) {
    for (const auto& [name, decl] : topology.state) decls_.emplace(name, &decl);
  }

  /// A state, or of one per layer an object to be indexed by the layer; nullopt where none of that
  /// name is declared. Throws Error(invalid_file).
  std::optional<ExprValue> find(const std::string& name);
  /// The state of a layer; `layer` is absent for one that is not per layer.
  StateRef member(const std::string& name, std::optional<int64_t> layer, const Place& place);
  /// Names the groups: "kv" where a declaration has one, else "kv/window=16", "kv/full".
  void finish();

 private:
  std::optional<ExprValue> evaluate_field(const std::optional<YamlNode>& field,
                                          std::optional<int64_t> layer);
  int64_t positive(const std::string& state, const char* field, const std::optional<YamlNode>& node,
                   std::optional<int64_t> layer);
  sirocco_dtype dtype_of(const std::string& state, const StateDecl& decl,
                         std::optional<int64_t> layer);
  uint32_t group_of(const std::string& name, const StateDecl& decl, std::optional<int64_t> layer);

  std::map<std::string, const StateDecl*> decls_;
  const ParamTable& params_;
  Graph& graph_;
  const GraphOptions& options_;
  ExpressionCache& expressions_;
  ExprBudget& budget_;
  std::map<std::string, StateRef> members_;
  std::vector<uint32_t> group_sizes_;
};

}  // namespace sirocco
