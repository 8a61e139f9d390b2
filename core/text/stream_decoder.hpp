#pragma once

#include <cstdint>
#include <string>

#include "text/tokenizer.hpp"

namespace sirocco {

/// Turns tokens into text as they come. What it hands out is always whole UTF-8 characters: bytes
/// that could still become a character are kept, bytes that never will are replaced by U+FFFD.
class StreamDecoder {
 public:
  /// `at_start`: the tokens begin a text, rather than go on with one.
  StreamDecoder(const Tokenizer& tokenizer, bool at_start);
  /// Appends the text that can be shown now; may be nothing. Allocates only for a token of more
  /// than 256 bytes, or where `text` has no room.
  void push(int32_t id, std::string& text);
  std::string push(int32_t id);
  /// Appends what was kept, when no more tokens come.
  void finish(std::string& text);
  std::string finish();

 private:
  const Tokenizer& tokenizer_;
  bool at_start_;
  std::string kept_;
};

/// Moves the whole characters from the front of `bytes` to the result and leaves an unfinished
/// character's bytes. With `last`, nothing is left. Invalid bytes become one U+FFFD for each
/// longest part of a character (Unicode 15, section 3.9, "maximal subparts").
std::string take_characters(std::string& bytes, bool last);
/// As above; appends to `text`.
void take_characters(std::string& bytes, bool last, std::string& text);

}  // namespace sirocco
