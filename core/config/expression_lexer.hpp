#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/expression.hpp"

namespace sirocco {

/// A word, number, string or operator of an expression.
struct ExprToken {
  enum class Kind { end, name, integer, number, string, symbol };

  Kind kind = Kind::end;
  uint32_t offset = 0;
  std::string text = {};  ///< a string's without its quotes; a symbol's as written
  int64_t integer = 0;
  double number = 0;

  bool is(std::string_view symbol) const {
    return (kind == Kind::symbol || kind == Kind::name) && text == symbol;
  }
  /// "'+'", "the end".
  std::string describe() const;
};

/// Reads the tokens of a text one by one.
class ExprLexer {
 public:
  ExprLexer(std::string_view text, const Place& place) : text_(text), place_(place) {}
  /// Throws Error(invalid_file) for characters that start no token, numbers out of range and
  /// strings without an end.
  ExprToken next();
  [[noreturn]] void fail(size_t offset, const std::string& what) const;

 private:
  ExprToken read_number(size_t begin);
  ExprToken read_name(size_t begin);
  ExprToken read_string(size_t begin);
  ExprToken read_symbol(size_t begin);

  std::string_view text_;
  Place place_;
  size_t at_ = 0;
};

}  // namespace sirocco
