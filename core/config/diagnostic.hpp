#pragma once

#include <memory>
#include <string>
#include <vector>

#include <sirocco/error.hpp>

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

/// The Error(invalid_file) that everything under core/config throws: one line a diagnostic.
class DocumentError : public Error {
 public:
  explicit DocumentError(std::vector<Diagnostic> diagnostics);
  const std::vector<Diagnostic>& diagnostics() const { return *diagnostics_; }

 private:
  std::shared_ptr<const std::vector<Diagnostic>> diagnostics_;  ///< shared: copies must not throw
};

/// Throws DocumentError, in the order of the places; does nothing where there is none.
void throw_if_any(std::vector<Diagnostic> diagnostics);

/// By file, line and column; equal ones once.
void sort_diagnostics(std::vector<Diagnostic>& diagnostics);

}  // namespace sirocco
