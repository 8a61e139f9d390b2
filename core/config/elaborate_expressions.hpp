#pragma once

#include <unordered_map>
#include <vector>

#include "config/expression.hpp"

namespace sirocco {

/// Expressions of a document that outlives this, each parsed once.
class ExpressionCache {
 public:
  const Expression& get(const YamlNode& node) {
    const auto known = single_.find(&node);
    return known != single_.end() ? known->second
                                  : single_.emplace(&node, parse_expression(node)).first->second;
  }
  const std::vector<Expression>& list(const YamlNode& node) {
    const auto known = lists_.find(&node);
    return known != lists_.end() ? known->second
                                 : lists_.emplace(&node, parse_expressions(node)).first->second;
  }

 private:
  std::unordered_map<const YamlNode*, Expression> single_;
  std::unordered_map<const YamlNode*, std::vector<Expression>> lists_;
};

}  // namespace sirocco
