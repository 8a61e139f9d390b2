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
  StreamDecoder(const Tokenizer& tokenizer, bool at_start)
      : tokenizer_(tokenizer), at_start_(at_start) {}
  /// The text that can be shown now; may be empty.
  std::string push(int32_t id);
  /// What was kept, when no more tokens come.
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

}  // namespace sirocco
