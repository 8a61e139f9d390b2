// Bytes to whole characters, as text is streamed.

#include "catch.hpp"

#include "text/stream_decoder.hpp"

using namespace sirocco;

namespace {

const std::string kReplacement = "\xEF\xBF\xBD";

/// The text that comes out when the bytes go in one at a time.
std::string stream(const std::string& bytes) {
  std::string kept, text;
  for (char byte : bytes) {
    kept += byte;
    text += take_characters(kept, false);
  }
  return text + take_characters(kept, true);
}

}  // namespace

TEST_CASE("a character is shown when it is whole, not before") {
  std::string kept = "a\xC3";
  CHECK(take_characters(kept, false) == "a");
  CHECK(kept == "\xC3");
  kept += "\xA9";
  CHECK(take_characters(kept, false) == "\xC3\xA9");
  CHECK(kept.empty());
}

TEST_CASE("well-formed text passes unchanged, however it is cut") {
  const std::string text =
      "h\xC3\xA9llo \xE2\x82\xAC \xF0\x9F\x98\x80 \xED\x9F\xBF \xF4\x8F\xBF\xBF";
  CHECK(stream(text) == text);
}

TEST_CASE("what can be no character becomes one replacement for each longest part") {
  CHECK(stream("\x80") == kReplacement);
  CHECK(stream("\xC0\xAF") == kReplacement + kReplacement);                     // overlong
  CHECK(stream("\xED\xA0\x80") == kReplacement + kReplacement + kReplacement);  // a surrogate
  CHECK(stream("\xF4\x90\x80\x80") == kReplacement + kReplacement + kReplacement + kReplacement);
  CHECK(stream("\xE2\x82") == kReplacement);         // cut at the end
  CHECK(stream("\xE2\x82z") == kReplacement + "z");  // cut by another character
  CHECK(stream("\xF0\x9F\x98\xC3\xA9") == kReplacement + "\xC3\xA9");
}
