#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/forward.hpp"

namespace sirocco {

/// How a text is cut. Every window is read on its own, from an empty state; its first tokens are
/// context only, so that none is judged with next to nothing before it.
struct WindowRule {
  int64_t size = 512;  ///< tokens of a window, 4 or more
  /// Absent: windows follow each other, and the tokens behind the first half are scored. Otherwise
  /// windows begin so many tokens apart, and so many at the end of each are scored; 1 to size − 1.
  std::optional<int64_t> stride;
  int32_t begin = -1;  ///< the token that begins a text takes the place of each window's first; −1:
                       ///< the window stays as it is

  /// Index of the first token that is scored: row `first_scored() − 1` of the logits predicts it.
  int64_t first_scored() const;
  int64_t scored() const { return size - first_scored(); }
  int64_t step() const { return stride.value_or(size); }
};

struct Windows {
  std::vector<std::vector<int32_t>> tokens;
  size_t unused = 0;  ///< tokens at the ends of the texts that fill no window
};

/// Whole windows of each text; none reaches over two. Throws Error(usage) for a rule that makes no
/// sense, Error(invalid_file) where no text fills a window: `label` is what is told to be too
/// short.
Windows cut_windows(const Prompts& texts, const WindowRule& rule, const std::string& label);

}  // namespace sirocco
