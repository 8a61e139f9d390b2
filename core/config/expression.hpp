#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/expression_value.hpp"
#include "config/node.hpp"

// The expression language of topologies; docs/expressions.md is its grammar.

namespace sirocco {

/// A node of a parsed expression.
struct Expr {
  enum class Kind {
    literal,      ///< `value`
    name,         ///< `text`, maybe dotted; a part may be {index}
    list,         ///< `items`
    unary,        ///< `text` is "-" or "not"; one item
    binary,       ///< `text` is the operator; two items
    conditional,  ///< condition, then, else
    index,        ///< what is indexed, the index
    call,         ///< `text` is the name; `items` the arguments, `keywords` their names
  };

  Kind kind = Kind::literal;
  uint32_t offset = 0;  ///< bytes from the start of the text
  uint32_t depth = 1;   ///< levels below and with this one
  std::string text = {};
  ExprValue value = {};
  std::vector<Expr> items = {};
  std::vector<std::string> keywords =
      {};  ///< of a call, as many as items; empty for a positional one
};

/// A parsed expression and where it was written.
struct Expression {
  Place place;  ///< of its first character
  Expr root;

  /// Where a node of it stands: right for scalars that are written in one line.
  Place place_of(const Expr& expr) const;
  /// Error(invalid_file) "place: what".
  [[noreturn]] void fail(const Expr& expr, const std::string& what) const;
};

/// An expression may have that many characters and levels.
inline constexpr size_t kMaxExpressionBytes = 8192;
inline constexpr uint32_t kMaxExpressionDepth = 64;

/// Parses the text of a scalar; a null node is the expression `null`, a list of scalars a list of
/// literals. Throws Error(invalid_file) that points at what was not expected.
Expression parse_expression(const YamlNode& node);
/// As above for expressions with commas between, as after `return`.
std::vector<Expression> parse_expressions(const YamlNode& node);

/// Whether a call of that name is the language's own: min, max, …
bool is_builtin_function(std::string_view name);
const std::vector<std::string>& builtin_functions();

/// A literal of a document (a scalar, null or a list of them) as a value.
ExprValue literal_value(const YamlNode& node);

}  // namespace sirocco
