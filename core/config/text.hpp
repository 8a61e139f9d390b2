#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sirocco {

/// `text` between single quotes for a message: control characters become spaces and what is beyond
/// `limit` bytes becomes "…", so a hostile document cannot send escape sequences or pages of text.
std::string in_quotes(std::string_view text, size_t limit = 80);

/// "'a', 'b' or 'c'"; of many only the first.
std::string one_of(const std::vector<std::string>& choices);

}  // namespace sirocco
