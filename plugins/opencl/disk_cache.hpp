#pragma once
// What is kept on disk between runs: a folder of small files by key. Whatever is wrong with it, the
// work is done without it.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sirocco::opencl {

class DiskCache {
 public:
  using Log = std::function<void(const std::string&)>;

  /// An empty folder's name: nothing is kept. `log` is told, once, what does not work.
  DiskCache(std::filesystem::path folder, Log log)
      : folder_(std::move(folder)), log_(std::move(log)) {}

  bool keeps() const { return !folder_.empty(); }
  /// What was kept under exactly that key and is still whole.
  std::optional<std::string> read(std::string_view key) const;
  /// Others who read the key meanwhile see the old content or the new one.
  void write(std::string_view key, std::string_view content);

  /// The folder that the value of the option `cache` names: "off" none, "" the user's own.
  static std::filesystem::path folder_of(const std::string& option);

 private:
  std::filesystem::path path_of(std::string_view key) const;
  void complain(const std::string& what) const;

  std::filesystem::path folder_;
  Log log_;
  mutable bool complained_ = false;
};

}  // namespace sirocco::opencl
