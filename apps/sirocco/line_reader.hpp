#pragma once

#include <memory>
#include <optional>
#include <string>

namespace sirocco::cli {

/// Lines that a person types, with editing and a history on a terminal, or as they come from a file
/// or pipe. There is one at a time.
class LineReader {
 public:
  /// `prompt` is shown on a terminal only.
  explicit LineReader(std::string prompt);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  bool terminal() const { return terminal_ != nullptr; }
  /// The next line without its newline; nothing at the end. A line that ends in a backslash goes on
  /// in the next one.
  std::optional<std::string> read();

 private:
  struct Terminal;

  std::optional<std::string> read_one();

  std::unique_ptr<Terminal> terminal_;
};

}  // namespace sirocco::cli
