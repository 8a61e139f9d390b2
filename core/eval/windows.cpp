#include "eval/windows.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <sirocco/error.hpp>

namespace sirocco {

int64_t WindowRule::first_scored() const {
  return stride ? size - *stride : size / 2 + 1;
}

Windows cut_windows(const Prompts& texts, const WindowRule& rule, const std::string& label) {
  constexpr int64_t kLeast = 4;
  if (rule.size < kLeast) {
    throw Error(ErrorKind::usage,
                fmt::format("windows of {} tokens, expected {} or more", rule.size, kLeast));
  }
  if (rule.stride && (*rule.stride < 1 || *rule.stride >= rule.size)) {
    throw Error(ErrorKind::usage, fmt::format("a stride of {} tokens, expected 1 to {}: less than "
                                              "the {} of a window",
                                              *rule.stride, rule.size - 1, rule.size));
  }
  Windows windows;
  size_t longest = 0;
  const auto size = static_cast<size_t>(rule.size), step = static_cast<size_t>(rule.step());
  for (const std::vector<int32_t>& text : texts) {
    longest = std::max(longest, text.size());
    size_t used = 0;
    for (size_t at = 0; at + size <= text.size(); at += step) {
      const auto begin = text.begin() + static_cast<std::ptrdiff_t>(at);
      auto& window = windows.tokens.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(size));
      if (rule.begin >= 0) window[0] = rule.begin;
      used = at + size;
    }
    windows.unused += text.size() - used;
  }
  if (windows.tokens.empty()) {
    throw Error(ErrorKind::invalid_file,
                fmt::format("{}: {} tokens do not fill one window of {}; give a longer text, or "
                            "smaller windows with --ctx",
                            label, longest, rule.size));
  }
  return windows;
}

}  // namespace sirocco
