#include "output.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include <sirocco/error.hpp>

namespace sirocco::cli {

void print(std::string_view text) {
  if (text.empty()) return;
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw Error(ErrorKind::failure,
                std::string("standard output cannot be written: ") + std::strerror(errno));
  }
}

}  // namespace sirocco::cli
