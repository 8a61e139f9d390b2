#include "weights/atomic_output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include <sirocco/error.hpp>

namespace sirocco {
namespace {

namespace fs = std::filesystem;

/// Apart from those of other threads and processes; a stale one is skipped by O_EXCL. Not derived
/// from the target's name, which may already be as long as the system allows.
fs::path temporary_beside(const fs::path& target) {
  static std::atomic<unsigned> count{0};
  return target.parent_path() /
         (".sirocco-" + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".tmp");
}

}  // namespace

AtomicOutput::AtomicOutput(const fs::path& target) : named_(target), target_(target) {
  struct stat info {};
  if (::stat(target.c_str(), &info) != 0) {
    open_temporary();
    return;
  }
  if (S_ISDIR(info.st_mode)) fail("cannot be written", EISDIR);
  if (!S_ISREG(info.st_mode)) {
    fd_ = ::open(target.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd_ < 0) fail("cannot be written", errno);
    return;
  }
  // A rename replaces a link by the file; whoever linked it elsewhere means the file there.
  std::error_code error;
  target_ = fs::canonical(target, error);
  if (error) fail("cannot be written", error.value());
  open_temporary();
}

AtomicOutput::~AtomicOutput() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicOutput::open_temporary() {
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts && fd_ < 0; ++attempt) {
    const fs::path candidate = temporary_beside(target_);
    fd_ = ::open(candidate.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd_ >= 0) temporary_ = candidate;
    if (fd_ < 0 && errno != EEXIST) break;
  }
  if (fd_ < 0) fail("cannot be written: no temporary file beside it", errno);
}

void AtomicOutput::write(const void* data, std::size_t bytes) {
  constexpr std::size_t kChunk = 1u << 30;  // one call writes at most just under 2 GiB
  const auto* next = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t wrote = ::write(fd_, next, std::min(bytes, kChunk));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) fail("cannot be written", wrote == 0 ? ENOSPC : errno);
    next += wrote;
    bytes -= static_cast<std::size_t>(wrote);
  }
}

void AtomicOutput::commit() {
  close();
  if (temporary_.empty()) return;
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("cannot be replaced", errno);
  temporary_.clear();
}

void AtomicOutput::close() {
  const int fd = fd_;
  fd_ = -1;
  // Some file systems report a full disk only here.
  if (::close(fd) != 0) fail("cannot be written", errno);
}

void AtomicOutput::fail(const char* what, int error) const {
  throw Error(ErrorKind::failure,
              named_.string() + ": " + what + ": " + std::generic_category().message(error));
}

}  // namespace sirocco
