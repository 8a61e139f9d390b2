#pragma once

#include <optional>
#include <string>

namespace sirocco::cli {

/// The whole of a file. Throws Error(invalid_file) that names it.
std::string read_text_file(const std::string& path);

/// The text that a verb works on: the argument, the file, or standard input where the argument is
/// "-" or nothing was given and standard input is no terminal. One newline at the end of a file or
/// of standard input is dropped, for editors and `echo` put it there. `what` ("prompt") and
/// `flags` are for the message of the Error(usage) where there is no text.
std::string read_text_input(const std::optional<std::string>& argument, const std::string& file,
                            const std::string& what, const std::string& flags);

}  // namespace sirocco::cli
