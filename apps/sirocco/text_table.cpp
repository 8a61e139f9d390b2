#include "text_table.hpp"

#include <algorithm>

namespace sirocco::cli {
namespace {

/// Characters, not bytes: what a terminal shows of UTF-8.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string TextTable::text(bool markdown) const {
  std::vector<size_t> widths(rows_[0].size());
  for (const auto& row : rows_)
    for (size_t c = 0; c < std::min(row.size(), widths.size()); ++c)
      widths[c] = std::max(widths[c], width_of(row[c]));
  std::string text;
  for (size_t r = 0; r < rows_.size(); ++r) {
    std::string line = markdown ? "|" : "";
    for (size_t c = 0; c < widths.size(); ++c) {
      const std::string cell = c < rows_[r].size() ? rows_[r][c] : "";
      const std::string space(widths[c] - width_of(cell), ' ');
      line += (markdown ? " "
               : c      ? "  "
                        : "") +
              (c ? space + cell : cell + space) + (markdown ? " |" : "");
    }
    if (!markdown) line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
    if (!markdown || r > 0) continue;
    text += "|";
    for (size_t c = 0; c < widths.size(); ++c) text += c ? " ---: |" : " --- |";
    text += "\n";
  }
  return text;
}

}  // namespace sirocco::cli
