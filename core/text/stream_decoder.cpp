#include "text/stream_decoder.hpp"

#include <string_view>

namespace sirocco {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
/// A token's bytes, after up to three of an unfinished character.
constexpr size_t kRoom = 256 + 3;

struct Lead {
  size_t length = 0;         ///< bytes of the character; 0: no character starts so
  unsigned char low = 0x80;  ///< admissible second byte
  unsigned char high = 0xBF;
};

/// Table 3-7 of the Unicode standard: well-formed UTF-8 byte sequences.
Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1};
  if (byte >= 0xC2 && byte <= 0xDF) return {2};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {3};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {4};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

/// How many bytes at the front of `bytes` belong to one well-formed (part of a) character.
size_t matched(std::string_view bytes, const Lead& lead) {
  size_t n = 1;
  for (; n < lead.length && n < bytes.size(); ++n) {
    const auto byte = static_cast<unsigned char>(bytes[n]);
    const unsigned char low = n == 1 ? lead.low : 0x80, high = n == 1 ? lead.high : 0xBF;
    if (byte < low || byte > high) break;
  }
  return n;
}

}  // namespace

void take_characters(std::string& bytes, bool last, std::string& text) {
  size_t at = 0;
  while (at < bytes.size()) {
    const std::string_view rest = std::string_view(bytes).substr(at);
    const Lead lead = lead_of(static_cast<unsigned char>(rest[0]));
    const size_t n = lead.length ? matched(rest, lead) : 1;
    if (lead.length && n == lead.length) {
      text += rest.substr(0, n);
    } else if (lead.length && n == rest.size() && !last) {
      break;
    } else {
      text += kReplacement;
    }
    at += n;
  }
  bytes.erase(0, at);
}

std::string take_characters(std::string& bytes, bool last) {
  std::string text;
  take_characters(bytes, last, text);
  return text;
}

StreamDecoder::StreamDecoder(const Tokenizer& tokenizer, bool at_start)
    : tokenizer_(tokenizer), at_start_(at_start) {
  kept_.reserve(kRoom);
}

void StreamDecoder::push(int32_t id, std::string& text) {
  const size_t before = kept_.size();
  tokenizer_.decode_one(id, at_start_ ? uint32_t{SIROCCO_DECODE_AT_START} : 0u, kept_);
  const bool wrote = kept_.size() > before || tokenizer_.kind(id) == SIROCCO_TOKEN_NORMAL;
  if (wrote) at_start_ = false;
  // Bytes on two sides of a control token are no character together.
  take_characters(kept_, tokenizer_.kind(id) == SIROCCO_TOKEN_CONTROL, text);
}

std::string StreamDecoder::push(int32_t id) {
  std::string text;
  push(id, text);
  return text;
}

void StreamDecoder::finish(std::string& text) {
  take_characters(kept_, true, text);
}

std::string StreamDecoder::finish() {
  return take_characters(kept_, true);
}

}  // namespace sirocco
