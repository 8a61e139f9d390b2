#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <unistd.h>

#include <sirocco/error.hpp>
#include "catch.hpp"

/// A folder of small files that is removed with it.
class DocumentFiles {
 public:
  DocumentFiles() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "sirocco-config-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
  }
  ~DocumentFiles() {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
  }
  DocumentFiles(const DocumentFiles&) = delete;
  DocumentFiles& operator=(const DocumentFiles&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

  std::filesystem::path write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = folder_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }

 private:
  std::filesystem::path folder_;
};

/// The message of the Error(invalid_file) that `body` throws; "" where it throws none.
inline std::string message_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const sirocco::Error& error) {
    CHECK(error.kind() == sirocco::ErrorKind::invalid_file);
    return error.what();
  }
  return "";
}

/// A matcher for text that holds `part`; its name differs between Catch2 v2 and v3.
inline auto holds(const std::string& part) {
#if defined(CATCH_VERSION_MAJOR) && CATCH_VERSION_MAJOR >= 3
  return Catch::Matchers::ContainsSubstring(part);
#else
  return Catch::Matchers::Contains(part);
#endif
}

inline std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}
