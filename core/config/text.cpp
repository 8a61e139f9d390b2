#include "config/text.hpp"

namespace sirocco {

std::string in_quotes(std::string_view text, size_t limit) {
  const bool cut = text.size() > limit;
  if (cut) {
    size_t end = limit;
    // Not in the middle of a UTF-8 character.
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  std::string out = "'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7F ? ' ' : c;
  }
  return out + (cut ? "…'" : "'");
}

std::string one_of(const std::vector<std::string>& choices) {
  constexpr size_t kMost = 20;
  std::string out;
  for (size_t i = 0; i < choices.size(); ++i) {
    if (i == kMost) return out + ", …";
    if (i > 0) out += i + 1 == choices.size() ? " or " : ", ";
    out += in_quotes(choices[i]);
  }
  return out;
}

}  // namespace sirocco
