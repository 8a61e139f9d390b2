#include "text_input.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include <sirocco/error.hpp>

namespace sirocco::cli {
namespace {

std::string without_last_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

std::string read_standard_input() {
  std::string text;
  char block[4096];
  for (size_t n; (n = std::fread(block, 1, sizeof block, stdin)) > 0;) text.append(block, n);
  if (std::ferror(stdin)) throw Error(ErrorKind::failure, "standard input cannot be read");
  return text;
}

}  // namespace

std::string read_text_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  // A folder opens, but its reading fails.
  if (!file || (file.peek() != EOF && !(text << file.rdbuf())) || file.bad())
    throw Error(ErrorKind::invalid_file, path + ": cannot be read");
  return text.str();
}

std::string read_text_input(const std::optional<std::string>& argument, const std::string& file,
                            const std::string& what, const std::string& flags) {
  if (argument && !file.empty())
    throw Error(ErrorKind::usage,
                "the " + what + " is given twice, as an argument and as --file " + file);
  if (!file.empty() && file != "-") {
    std::string text = without_last_newline(read_text_file(file));
    if (text.empty()) throw Error(ErrorKind::usage, file + " is empty, expected a " + what);
    return text;
  }
  if (argument && *argument != "-") return *argument;
  if (!argument && file.empty() && isatty(STDIN_FILENO))
    throw Error(ErrorKind::usage,
                "no " + what + "; give it as an argument, " + flags + ", or on standard input");
  std::string text = without_last_newline(read_standard_input());
  if (text.empty()) throw Error(ErrorKind::usage, "standard input is empty, expected a " + what);
  return text;
}

}  // namespace sirocco::cli
