#include "config/expression_lexer.hpp"

#include <charconv>
#include <cmath>

#include "config/text.hpp"

namespace sirocco {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool in_name(char c) {
  return starts_name(c) || is_digit(c);
}

/// One character of UTF-8 in quotes, for a message.
std::string character_at(std::string_view text, size_t at) {
  size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  return in_quotes(text.substr(at, end - at));
}

}  // namespace

std::string ExprToken::describe() const {
  if (kind == Kind::end) return "the end";
  return kind == Kind::string ? "the string " + in_quotes(text) : in_quotes(text);
}

void ExprLexer::fail(size_t offset, const std::string& what) const {
  Place place = place_;
  if (place.column > 0) place.column += static_cast<int>(offset);
  fail_at(place, what);
}

ExprToken ExprLexer::next() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) {
    ++at_;
  }
  const size_t begin = at_;
  if (begin == text_.size()) return {.offset = static_cast<uint32_t>(begin)};
  const char c = text_[begin];
  const bool fraction = c == '.' && begin + 1 < text_.size() && is_digit(text_[begin + 1]);
  if (is_digit(c) || fraction) return read_number(begin);
  if (starts_name(c)) return read_name(begin);
  if (c == '\'' || c == '"') return read_string(begin);
  return read_symbol(begin);
}

ExprToken ExprLexer::read_number(size_t begin) {
  ExprToken token{.kind = ExprToken::Kind::integer, .offset = static_cast<uint32_t>(begin)};
  while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  if (at_ < text_.size() && text_[at_] == '.') {
    token.kind = ExprToken::Kind::number;
    ++at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    token.kind = ExprToken::Kind::number;
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) ++at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  }
  while (at_ < text_.size() && in_name(text_[at_])) ++at_;
  token.text = text_.substr(begin, at_ - begin);
  const char* first = token.text.data();
  const char* last = first + token.text.size();
  const auto [end, error] = token.kind == ExprToken::Kind::integer
                                ? std::from_chars(first, last, token.integer)
                                : std::from_chars(first, last, token.number);
  if (error == std::errc::result_out_of_range || !std::isfinite(token.number)) {
    fail(begin, in_quotes(token.text) + (token.kind == ExprToken::Kind::integer
                                             ? " is beyond 64 bits"
                                             : " is beyond a double's range"));
  }
  if (error != std::errc() || end != last) fail(begin, in_quotes(token.text) + " is no number");
  return token;
}

/// Parts with dots between; a later part may be digits or {index}.
ExprToken ExprLexer::read_name(size_t begin) {
  while (at_ < text_.size() && in_name(text_[at_])) ++at_;
  while (at_ + 1 < text_.size() && text_[at_] == '.') {
    size_t end = at_ + 1;
    const bool braced = text_[end] == '{';
    if (braced) ++end;
    const size_t part = end;
    while (end < text_.size() && in_name(text_[end])) ++end;
    if (end == part)
      fail(part, "expected a name after " + in_quotes(text_.substr(begin, part - begin)));
    if (braced && (end == text_.size() || text_[end] != '}')) fail(end, "expected '}'");
    at_ = braced ? end + 1 : end;
  }
  return {.kind = ExprToken::Kind::name,
          .offset = static_cast<uint32_t>(begin),
          .text = std::string(text_.substr(begin, at_ - begin))};
}

ExprToken ExprLexer::read_string(size_t begin) {
  const size_t end = text_.find(text_[begin], begin + 1);
  if (end == std::string_view::npos) fail(begin, "a string without its closing quote");
  at_ = end + 1;
  return {.kind = ExprToken::Kind::string,
          .offset = static_cast<uint32_t>(begin),
          .text = std::string(text_.substr(begin + 1, end - begin - 1))};
}

ExprToken ExprLexer::read_symbol(size_t begin) {
  for (const std::string_view symbol : {"==", "!=", "<=", ">=", "//", "<", ">", "+", "-", "*",
                                        "/",  "%",  "(",  ")",  "[",  "]", ",", "?", ":", "="}) {
    if (!text_.substr(begin).starts_with(symbol)) continue;
    at_ = begin + symbol.size();
    return {.kind = ExprToken::Kind::symbol,
            .offset = static_cast<uint32_t>(begin),
            .text = std::string(symbol)};
  }
  const std::string_view rest = text_.substr(begin);
  std::string instead;
  if (rest.starts_with("&&")) instead = ", expected 'and'";
  if (rest.starts_with("||")) instead = ", expected 'or'";
  if (rest.starts_with("!")) instead = ", expected 'not'";
  fail(begin, character_at(text_, begin) + " is not part of the language" + instead);
}

}  // namespace sirocco
