#include "runtime/stop_strings.hpp"

#include <algorithm>

#include <sirocco/error.hpp>

namespace sirocco {
namespace {

/// Room for held text, so that pushing a token's text allocates nothing.
constexpr size_t kTokenBytes = 256;

/// The longest end of `text` that is the front, and not the whole, of `string`.
size_t overlap(std::string_view text, std::string_view string) {
  for (size_t n = std::min(text.size(), string.size() - 1); n > 0; --n)
    if (text.substr(text.size() - n) == string.substr(0, n)) return n;
  return 0;
}

}  // namespace

StopStrings::StopStrings(std::vector<std::string> strings) : strings_(std::move(strings)) {
  size_t longest = 0;
  for (const std::string& string : strings_) {
    if (string.empty()) throw Error(ErrorKind::usage, "an empty stop string would stop at once");
    longest = std::max(longest, string.size());
  }
  held_.reserve(longest + kTokenBytes);
}

bool StopStrings::push(std::string_view text, std::string& out) {
  held_ += text;
  size_t found = std::string::npos, keep = 0;
  for (const std::string& string : strings_) {
    found = std::min(found, held_.find(string));
    keep = std::max(keep, overlap(held_, string));
  }
  if (found != std::string::npos) {
    out.append(held_, 0, found);
    held_.clear();
    return true;
  }
  out.append(held_, 0, held_.size() - keep);
  held_.erase(0, held_.size() - keep);
  return false;
}

void StopStrings::finish(std::string& out) {
  out += held_;
  held_.clear();
}

}  // namespace sirocco
