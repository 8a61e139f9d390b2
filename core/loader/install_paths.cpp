#include "loader/install_paths.hpp"

#include <system_error>

#include <sirocco/version.hpp>

namespace sirocco {

InstallPaths install_paths() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  // Programs live in bin/, test programs a level deeper: the prefix is the nearest folder above
  // that holds the plugins.
  std::filesystem::path prefix = self.parent_path().parent_path();
  for (auto folder = self.parent_path(); folder.has_relative_path();
       folder = folder.parent_path()) {
    if (std::filesystem::is_directory(folder / kInstallPluginDir, error)) {
      prefix = folder;
      break;
    }
  }
  return {prefix, prefix / kInstallPluginDir, prefix / kInstallConfigDir,
          prefix / kInstallLibexecDir / "sirocco-plugin-probe", prefix / kInstallPageDir};
}

}  // namespace sirocco
