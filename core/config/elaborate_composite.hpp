#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/elaborate_expressions.hpp"
#include "config/topology_document.hpp"
#include "graph/op.hpp"

namespace sirocco {

/// Recognises functions that are a known composite op to the letter: the same name, and a body that
/// differs from the op's decomposition at most in how arguments and values are called. Only those
/// become one node, so that whoever edits a function gets what was written.
class CompositeFinder {
 public:
  CompositeFinder(const TopologyDocument& topology, const OpRegistry& ops,
                  ExpressionCache& expressions)
      : topology_(topology), ops_(ops), expressions_(expressions) {}

  /// The op that the function is; nullptr for any other function.
  const OpDef* op_of(const std::string& function);

 private:
  std::optional<std::string> body_text(const std::vector<std::string>& args,
                                       const std::vector<Statement>& body, bool in_topology,
                                       ExpressionCache& expressions);
  std::string callee(const std::string& name, bool in_topology);

  const TopologyDocument& topology_;
  const OpRegistry& ops_;
  ExpressionCache& expressions_;
  std::map<std::string, const OpDef*> known_;
};

/// The statements of an op's decomposition. Throws Error(plugin) where they are none.
std::vector<Statement> read_decomposition(const OpDef& op);

}  // namespace sirocco
