#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sirocco {

/// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other.
/// Both are cut at 128 bytes, so that hostile names cost nothing.
size_t edit_distance(std::string_view a, std::string_view b);

/// The known name nearest to `name`; empty where none is near enough to be what was meant (at most
/// a third of its length away). Of equally near ones the first.
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

}  // namespace sirocco
