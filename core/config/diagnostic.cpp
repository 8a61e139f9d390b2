#include "config/diagnostic.hpp"

#include <algorithm>
#include <tuple>

namespace sirocco {
namespace {

/// More lines than that help nobody.
constexpr size_t kMaxLines = 50;

std::string lines_of(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (size_t i = 0; i < std::min(diagnostics.size(), kMaxLines); ++i) {
    text += (i > 0 ? "\n" : "") + diagnostics[i].to_string();
  }
  if (diagnostics.size() > kMaxLines) {
    text += "\n… and " + std::to_string(diagnostics.size() - kMaxLines) + " more";
  }
  return text;
}

}  // namespace

void sort_diagnostics(std::vector<Diagnostic>& diagnostics) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return std::tie(a.place.file, a.place.line, a.place.column) <
                            std::tie(b.place.file, b.place.line, b.place.column);
                   });
  diagnostics.erase(std::unique(diagnostics.begin(), diagnostics.end()), diagnostics.end());
}

DocumentError::DocumentError(std::vector<Diagnostic> diagnostics)
    : Error(ErrorKind::invalid_file, lines_of(diagnostics)),
      diagnostics_(std::make_shared<const std::vector<Diagnostic>>(std::move(diagnostics))) {}

void throw_if_any(std::vector<Diagnostic> diagnostics) {
  if (diagnostics.empty()) return;
  sort_diagnostics(diagnostics);
  throw DocumentError(std::move(diagnostics));
}

}  // namespace sirocco
