#pragma once

#include <filesystem>
#include <string>

namespace sirocco::cli {

/// A folder among the system's temporary files, gone with the object. What a killed process of this
/// program left there is removed when the next one is made.
class WorkFolder {
 public:
  /// `purpose` is a part of its name. Throws Error(failure) that names TMPDIR where none can be
  /// made.
  explicit WorkFolder(const std::string& purpose);
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int lock_ = -1;  ///< held while the folder is in use
};

}  // namespace sirocco::cli
