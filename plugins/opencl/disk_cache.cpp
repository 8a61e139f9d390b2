#include "disk_cache.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace sirocco::opencl {
namespace {

constexpr std::string_view kMagic = "sirocco opencl cache 1\n";

/// FNV-1a, 64 bits (Fowler, Noll and Vo).
uint64_t digest(std::string_view bytes, uint64_t seed = 0xcbf29ce484222325u) {
  for (const char byte : bytes) seed = (seed ^ static_cast<unsigned char>(byte)) * 0x100000001b3u;
  return seed;
}

std::string hex(uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

/// What stands before a content: it is whole when this is what it must be.
std::string header(std::string_view key, std::string_view content) {
  return std::string(kMagic) + hex(digest(key)) + hex(content.size()) + hex(digest(content)) + "\n";
}

}  // namespace

std::filesystem::path DiskCache::folder_of(const std::string& option) {
  if (option == "off") return {};
  if (!option.empty()) return option;
  const auto under = [](const char* variable) -> std::filesystem::path {
    const char* value = std::getenv(variable);
    return value && *value == '/' ? value : "";
  };
  if (const auto cache = under("XDG_CACHE_HOME"); !cache.empty()) return cache / "sirocco/opencl";
  if (const auto home = under("HOME"); !home.empty()) return home / ".cache/sirocco/opencl";
  return {};
}

std::filesystem::path DiskCache::path_of(std::string_view key) const {
  return folder_ / (hex(digest(key)) + hex(digest(key, 0x9e3779b97f4a7c15u)));
}

void DiskCache::complain(const std::string& what) const {
  if (!complained_) log_("the cache in " + folder_.string() + " is not used: " + what);
  complained_ = true;
}

std::optional<std::string> DiskCache::read(std::string_view key) const {
  if (folder_.empty()) return std::nullopt;
  std::ifstream file(path_of(key), std::ios::binary);
  if (!file) return std::nullopt;
  const std::string whole{std::istreambuf_iterator<char>(file), {}};
  const size_t begin = header(key, {}).size();
  if (whole.size() < begin ||
      whole.compare(0, begin, header(key, std::string_view(whole).substr(begin))) != 0) {
    log_(path_of(key).string() + " is damaged, and made again");
    return std::nullopt;
  }
  return whole.substr(begin);
}

void DiskCache::write(std::string_view key, std::string_view content) {
  if (folder_.empty()) return;
  static std::atomic<unsigned> count{0};
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) return complain(error.message());
  const std::filesystem::path path = path_of(key);
  std::filesystem::path draft = path;
  draft += "." + std::to_string(getpid()) + "." + std::to_string(count++);
  {
    std::ofstream file(draft, std::ios::binary);
    file << header(key, content) << content;
    file.close();
    if (!file) {
      std::filesystem::remove(draft, error);
      return complain("it cannot be written to");
    }
  }
  std::filesystem::rename(draft, path, error);
  if (!error) return;
  complain(error.message());
  std::filesystem::remove(draft, error);
}

}  // namespace sirocco::opencl
