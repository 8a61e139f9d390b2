#pragma once

#include <string>
#include <vector>

#include "config/expression_value.hpp"

namespace sirocco {

// Checked arithmetic of expressions. Each throws Error(invalid_file) without a place.

/// + - * / // %
ExprValue arithmetic(const std::string& symbol, const ExprValue& left, const ExprValue& right);
ExprValue negated(const ExprValue& value);
/// == != < <= > >=
bool compare(const std::string& symbol, const ExprValue& left, const ExprValue& right);
/// Whether a list holds a value, or a string a part.
bool contains(const ExprValue& container, const ExprValue& value);
/// A call of one of builtin_functions().
ExprValue call_builtin(const std::string& name, const std::vector<ExprValue>& arguments);

}  // namespace sirocco
