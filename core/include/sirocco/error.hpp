#pragma once

#include <stdexcept>
#include <string>

namespace sirocco {

/// What went wrong, as the process's exit code says it.
enum class ErrorKind : int {
  failure = 1,       ///< anything that has no kind of its own
  usage = 2,         ///< the caller asked for something that makes no sense
  invalid_file = 3,  ///< a file, document or request that breaks its format or a limit
  plugin = 4,        ///< a plugin or device that is absent, refused or failed
  bounds = 5,        ///< numerics outside their bounds
  blocked = 6,       ///< a policy said no
};

/// The only exception that core throws on purpose. `what()` names the thing, the place and the
/// remedy, in one or several lines without a final newline.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const noexcept { return kind_; }
  int exit_code() const noexcept { return static_cast<int>(kind_); }

 private:
  ErrorKind kind_;
};

}  // namespace sirocco
