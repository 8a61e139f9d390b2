#pragma once

#include <cstddef>
#include <filesystem>

namespace sirocco {

/// A file that is written beside its target and takes the target's place on commit(). Without
/// commit() the destructor removes it and the target stays as it was. A target that is a device or
/// a pipe is written directly: there is nothing to replace.
/// Every member throws Error(failure) naming the target and the system's reason.
class AtomicOutput {
 public:
  explicit AtomicOutput(const std::filesystem::path& target);
  AtomicOutput(const AtomicOutput&) = delete;
  AtomicOutput& operator=(const AtomicOutput&) = delete;
  ~AtomicOutput();

  void write(const void* data, std::size_t bytes);
  void commit();

 private:
  void open_temporary();
  void close();
  [[noreturn]] void fail(const char* what, int error) const;

  std::filesystem::path named_;      ///< as the caller spelt it, for messages
  std::filesystem::path target_;     ///< links resolved
  std::filesystem::path temporary_;  ///< empty once renamed, and for a device
  int fd_ = -1;
};

}  // namespace sirocco
