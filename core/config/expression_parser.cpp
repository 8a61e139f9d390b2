#include <algorithm>
#include <initializer_list>
#include <unordered_set>

#include "config/expression.hpp"
#include "config/expression_lexer.hpp"
#include "config/scalar.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace {

const char* const kWords[] = {"and", "or", "not", "in", "true", "false", "null"};

bool is_word(const std::string& text) {
  return std::find(std::begin(kWords), std::end(kWords), text) != std::end(kWords);
}

/// Recursive descent, one function a level of precedence.
class Parser {
 public:
  Parser(std::string_view text, const Place& place) : lexer_(text, place) { advance(); }

  Expr whole() {
    Expr expr = expression();
    expect_end();
    return expr;
  }

  std::vector<Expr> list() {
    std::vector<Expr> items;
    do {
      items.push_back(expression());
    } while (take(","));
    expect_end();
    return items;
  }

 private:
  void advance() { token_ = lexer_.next(); }

  bool take(std::string_view symbol) {
    if (!token_.is(symbol)) return false;
    advance();
    return true;
  }

  void expect(std::string_view symbol) {
    if (!take(symbol)) unexpected(in_quotes(symbol));
  }

  void expect_end() {
    if (token_.kind != ExprToken::Kind::end) unexpected("an operator or the end");
  }

  [[noreturn]] void unexpected(const std::string& expected) {
    lexer_.fail(token_.offset, token_.describe() + " here, expected " + expected);
  }

  /// Sets the depth of a node that is complete.
  Expr built(Expr expr) {
    for (const Expr& item : expr.items) expr.depth = std::max(expr.depth, item.depth + 1);
    if (expr.depth > kMaxExpressionDepth) too_deep(expr.offset);
    return expr;
  }

  [[noreturn]] void too_deep(uint32_t offset) {
    lexer_.fail(offset, "this expression has more than " + std::to_string(kMaxExpressionDepth) +
                            " levels, expected it in several steps");
  }

  Expr binary(Expr left, std::string symbol, uint32_t offset, Expr right) {
    Expr expr{.kind = Expr::Kind::binary, .offset = offset, .text = std::move(symbol)};
    expr.items.push_back(std::move(left));
    expr.items.push_back(std::move(right));
    return built(std::move(expr));
  }

  Expr unary(std::string symbol, uint32_t offset, Expr operand) {
    Expr expr{.kind = Expr::Kind::unary, .offset = offset, .text = std::move(symbol)};
    expr.items.push_back(std::move(operand));
    return built(std::move(expr));
  }

  Expr expression() {
    if (++level_ > kMaxExpressionDepth) too_deep(token_.offset);
    Expr condition = either();
    if (token_.is("?")) {
      Expr expr{.kind = Expr::Kind::conditional, .offset = token_.offset};
      advance();
      expr.items.push_back(std::move(condition));
      expr.items.push_back(expression());
      expect(":");
      expr.items.push_back(expression());
      condition = built(std::move(expr));
    }
    --level_;
    return condition;
  }

  using Level = Expr (Parser::*)();

  Expr left_to_right(std::initializer_list<std::string_view> symbols, Level next) {
    Expr left = (this->*next)();
    while (std::any_of(symbols.begin(), symbols.end(),
                       [&](std::string_view symbol) { return token_.is(symbol); })) {
      std::string symbol = token_.text;
      const uint32_t offset = token_.offset;
      advance();
      left = binary(std::move(left), std::move(symbol), offset, (this->*next)());
    }
    return left;
  }

  Expr either() { return left_to_right({"or"}, &Parser::both); }
  Expr both() { return left_to_right({"and"}, &Parser::negation); }

  Expr negation() {
    if (!token_.is("not")) return comparison();
    const uint32_t offset = token_.offset;
    if (++level_ > kMaxExpressionDepth) too_deep(offset);
    advance();
    Expr expr = unary("not", offset, negation());
    --level_;
    return expr;
  }

  Expr comparison() {
    Expr left = sum();
    const uint32_t offset = token_.offset;
    if (token_.is("not")) {
      advance();
      expect("in");
      return unary("not", offset, binary(std::move(left), "in", offset, sum()));
    }
    for (const std::string_view symbol : {"==", "!=", "<=", ">=", "<", ">", "in"}) {
      if (take(symbol)) return binary(std::move(left), std::string(symbol), offset, sum());
    }
    return left;
  }

  Expr sum() { return left_to_right({"+", "-"}, &Parser::product); }
  Expr product() { return left_to_right({"*", "/", "//", "%"}, &Parser::sign); }

  Expr sign() {
    if (!token_.is("-")) return postfix();
    const uint32_t offset = token_.offset;
    if (++level_ > kMaxExpressionDepth) too_deep(offset);
    advance();
    Expr expr = unary("-", offset, sign());
    --level_;
    return expr;
  }

  Expr postfix() {
    Expr expr = primary();
    while (token_.is("[")) {
      Expr index{.kind = Expr::Kind::index, .offset = expr.offset};
      advance();
      index.items.push_back(std::move(expr));
      index.items.push_back(expression());
      expect("]");
      expr = built(std::move(index));
    }
    return expr;
  }

  Expr primary() {
    const ExprToken token = token_;
    Expr expr{.offset = token.offset};
    if (take("(")) {
      expr = expression();
      expect(")");
      return expr;
    }
    if (take("[")) {
      expr.kind = Expr::Kind::list;
      while (!take("]")) {
        if (!expr.items.empty()) expect(",");
        expr.items.push_back(expression());
      }
      return built(std::move(expr));
    }
    switch (token.kind) {
      case ExprToken::Kind::integer:
        expr.value = token.integer;
        break;
      case ExprToken::Kind::number:
        expr.value = token.number;
        break;
      case ExprToken::Kind::string:
        expr.value = token.text;
        break;
      case ExprToken::Kind::name:
        return name();
      default:
        unexpected("a value, a name or '('");
    }
    advance();
    return expr;
  }

  Expr name() {
    Expr expr{.kind = Expr::Kind::name, .offset = token_.offset, .text = token_.text};
    if (token_.text == "true" || token_.text == "false" || token_.text == "null") {
      expr.kind = Expr::Kind::literal;
      if (token_.text != "null") expr.value = token_.text == "true";
      advance();
      return expr;
    }
    if (is_word(token_.text)) unexpected("a value, a name or '('");
    advance();
    return take("(") ? call(std::move(expr)) : expr;
  }

  Expr call(Expr expr) {
    expr.kind = Expr::Kind::call;
    std::unordered_set<std::string> seen;
    while (!take(")")) {
      if (!expr.items.empty()) expect(",");
      const uint32_t offset = token_.offset;
      Expr argument = expression();
      std::string keyword;
      if (token_.is("=")) {
        if (argument.kind != Expr::Kind::name || argument.text.find('.') != std::string::npos) {
          unexpected("',' or ')' (equality is '==')");
        }
        keyword = argument.text;
        advance();
        if (!seen.insert(keyword).second) {
          lexer_.fail(offset, "argument " + in_quotes(keyword) + " is given twice");
        }
        argument = expression();
      } else if (!seen.empty()) {
        lexer_.fail(offset, "an argument without a name after one with a name");
      }
      expr.items.push_back(std::move(argument));
      expr.keywords.push_back(std::move(keyword));
    }
    return built(std::move(expr));
  }

  ExprLexer lexer_;
  ExprToken token_;
  uint32_t level_ = 0;
};

/// Where the text of a scalar starts.
Place text_place(const YamlNode& node) {
  Place place = node.place;
  if (node.quoted && place.column > 0) ++place.column;
  return place;
}

void check_text(const YamlNode& node) {
  if (!node.is_scalar()) fail_at(node.place, describe_node(node) + ", expected an expression");
  if (node.scalar.size() > kMaxExpressionBytes) {
    fail_at(node.place, "an expression of " + std::to_string(node.scalar.size()) +
                            " bytes, expected at most " + std::to_string(kMaxExpressionBytes));
  }
}

}  // namespace

Place Expression::place_of(const Expr& expr) const {
  Place at = place;
  if (at.column > 0) at.column += static_cast<int>(expr.offset);
  return at;
}

void Expression::fail(const Expr& expr, const std::string& what) const {
  fail_at(place_of(expr), what);
}

Expression parse_expression(const YamlNode& node) {
  if (node.is_null() || node.is_sequence()) {
    Expr literal;
    literal.value = literal_value(node);
    return {node.place, std::move(literal)};
  }
  check_text(node);
  return {text_place(node), Parser(node.scalar, text_place(node)).whole()};
}

std::vector<Expression> parse_expressions(const YamlNode& node) {
  std::vector<Expression> expressions;
  if (!node.is_scalar()) {
    expressions.push_back(parse_expression(node));
    return expressions;
  }
  check_text(node);
  for (Expr& expr : Parser(node.scalar, text_place(node)).list()) {
    expressions.push_back({text_place(node), std::move(expr)});
  }
  return expressions;
}

ExprValue literal_value(const YamlNode& node) {
  if (node.is_sequence()) {
    ExprValue::List items;
    for (const YamlNode& item : node.items) items.push_back(literal_value(item));
    return items;
  }
  return std::visit([](auto&& value) -> ExprValue { return ExprValue(std::move(value)); },
                    scalar_value(node));
}

}  // namespace sirocco
