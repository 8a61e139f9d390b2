#include "config/yaml_text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "config/node.hpp"

namespace sirocco {
namespace {

/// Bytes of the UTF-8 character at `at`; 0 where there is none (also for surrogates, characters
/// beyond U+10FFFF and forms longer than needed).
size_t utf8_length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) -> uint32_t {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
  };
  const auto follows = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const uint32_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool valid = (lead != 0xE0 || byte(1) >= 0xA0) && (lead != 0xED || byte(1) < 0xA0);
    return valid && follows(1) && follows(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool valid = (lead != 0xF0 || byte(1) >= 0x90) && (lead != 0xF4 || byte(1) < 0x90);
    return valid && follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

std::string hex(char c) {
  char out[8];
  std::snprintf(out, sizeof out, "0x%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
  return out;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\t' && c != '\r') || byte == 0x7F;
}

}  // namespace

void check_yaml_text(std::string_view text, const std::string& label) {
  int line = 1;
  size_t line_start = 0;
  bool indentation = true;
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    const auto place = [&] { return Place{label, line, static_cast<int>(at - line_start) + 1}; };
    const size_t length = utf8_length(text, at);
    if (length == 0) fail_at(place(), "byte " + hex(c) + " is not UTF-8");
    if (is_control(c)) fail_at(place(), "control character " + hex(c));
    if (indentation && c == '\t') {
      const size_t next = text.find_first_not_of(" \t", at);
      const bool blank = next == std::string_view::npos || text[next] == '\n' || text[next] == '\r';
      if (!blank) fail_at(place(), "a tab in the indentation: expected spaces");
    }
    if (c == '\n' || (c == '\r' && (at + 1 == text.size() || text[at + 1] != '\n'))) {
      ++line;
      line_start = at + 1;
      indentation = true;
    } else if (c != ' ' && c != '\t') {
      indentation = false;
    }
    at += length;
  }
}

}  // namespace sirocco
