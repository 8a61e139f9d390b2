#pragma once

#include <string>
#include <vector>

namespace sirocco::cli {

/// Rows of cells under a header, aligned with spaces for a terminal or as a Markdown table. Every
/// column but the first is aligned to the right.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) { rows_.push_back(std::move(header)); }

  /// Missing cells are empty.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string text(bool markdown) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace sirocco::cli
