#include "two_letter_flags.hpp"

#include <string_view>

namespace sirocco::cli {

std::vector<const char*> with_two_letter_flags(int argc, const char* const* argv) {
  std::vector<const char*> arguments(argv, argv + argc);
  const std::string_view verb = argc < 2 ? "" : argv[1];
  if (verb != "bench" && verb != "compare") return arguments;
  for (const char*& argument : arguments) {
    if (std::string_view(argument) == "-pg") argument = "--pg";
    if (std::string_view(argument) == "-oe") argument = "--output-err";
  }
  return arguments;
}

}  // namespace sirocco::cli
