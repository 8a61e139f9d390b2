#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sirocco {

/// Ends a stream of text before the first of some strings. Text that may still turn out to be the
/// front of one is held back, so that no part of a stop string is ever handed out.
class StopStrings {
 public:
  /// Throws Error(usage) for an empty string. None at all: everything passes at once.
  explicit StopStrings(std::vector<std::string> strings);

  /// Takes more text; appends to `out` what may be shown. True once a stop string is complete:
  /// nothing more is to be pushed. Of strings that are found, the one that begins first counts.
  bool push(std::string_view text, std::string& out);
  /// What was held back, when no more text comes.
  void finish(std::string& out);

 private:
  std::vector<std::string> strings_;
  std::string held_;
};

}  // namespace sirocco
