#pragma once

#include <filesystem>

namespace sirocco {

/// Where this program's own files lie. An installation and a build tree have the same shape, so one
/// rule, relative to the running binary, serves both.
struct InstallPaths {
  std::filesystem::path prefix;
  std::filesystem::path plugins;
  std::filesystem::path configs;
  std::filesystem::path probe;  ///< the helper that probes plugins
  std::filesystem::path page;   ///< template of the page that a comparison is written as
};

InstallPaths install_paths();

}  // namespace sirocco
