#include "weights/safetensors_text.hpp"

namespace sirocco::safetensors {

std::string printable(std::string_view text, std::size_t limit) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char c : text.substr(0, limit)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  if (text.size() > limit) out += "...";
  return out;
}

std::string in_quotes(std::string_view text) {
  return "'" + printable(text) + "'";
}

bool has_control_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    // U+0080..U+009F are C2 80..C2 9F.
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
      return true;
    }
  }
  return false;
}

std::string json_reason(std::string_view what) {
  if (const auto at = what.find("] "); at != std::string_view::npos) what.remove_prefix(at + 2);
  if (const auto at = what.find("syntax error"); at != std::string_view::npos) {
    what.remove_prefix(at);
  }
  return printable(what, 200);
}

}  // namespace sirocco::safetensors
