#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace sirocco {

/// What tells one version of a file from another without reading it; the key of packed-weight
/// caches.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;     ///< bytes
  std::int64_t mtime_ns = 0;  ///< nanoseconds since the epoch
  bool operator==(const FileIdentity&) const = default;
};

/// A whole file mapped read-only. Move-only; the mapping lives as long as the object, and its
/// address survives moves. Pages are read on first touch. A file that another process shortens
/// while it is mapped faults on access, as with every mapping: replace model files by rename.
class MappedFile {
 public:
  /// Maps a regular file; an empty one has size 0 and no mapping.
  /// Throws Error(invalid_file) naming the path and the system's reason.
  static MappedFile open(const std::filesystem::path& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  const std::filesystem::path& path() const { return path_; }
  const FileIdentity& identity() const { return identity_; }
  /// Page-aligned; null when the file is empty.
  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::span<const std::byte> bytes() const { return {data_, size_}; }

  /// Gives the pages that hold [offset, offset + length) back to the system; later reads bring
  /// them in again, so the contents never change. A range past the end is cut at the end.
  void release(std::size_t offset, std::size_t length) const;

 private:
  MappedFile() = default;
  void unmap() noexcept;

  std::filesystem::path path_;
  FileIdentity identity_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace sirocco
