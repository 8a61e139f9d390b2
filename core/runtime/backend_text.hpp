#pragma once
// How a command line names a backend.

#include <filesystem>
#include <optional>
#include <string>

#include "config/deployment_document.hpp"

namespace sirocco {

struct BackendText {
  BackendChoice choice;                       ///< its options are only those of the text
  std::optional<std::filesystem::path> file;  ///< where the text names a file
  bool device_given = false;                  ///< the text says which device
};

/// "NAME", "folder/NAME.so" (anything with a slash or ending in .so), each followed by any number
/// of
/// ":KEY=VALUE" for the backend's options and ":N" for its device of that index. A file is called
/// as it is named, without folder and ".so". Throws Error(usage).
BackendText parse_backend(const std::string& text);

}  // namespace sirocco
