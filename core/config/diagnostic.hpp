#pragma once

#include <string>
#include <vector>

#include "graph/graph.hpp"

namespace sirocco {

/// One thing that is wrong with a document.
struct Diagnostic {
  Place place;
  std::string message;  ///< "what, expected X (did you mean 'y'?)"
  /// "file:line:column: message".
  std::string to_string() const { return place.to_string() + ": " + message; }
  bool operator==(const Diagnostic& other) const {
    return message == other.message && place.to_string() == other.place.to_string();
  }
};

/// Throws Error(invalid_file) with one line a diagnostic, in the order of their places; does
/// nothing where there is none.
void throw_if_any(std::vector<Diagnostic> diagnostics);

/// By file, line and column; equal ones once.
void sort_diagnostics(std::vector<Diagnostic>& diagnostics);

}  // namespace sirocco
