#include "compare/fingerprint.hpp"

#include <sys/utsname.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>

#include <fmt/format.h>
#include <boost/uuid/detail/sha1.hpp>

#include <sirocco/abi/version.h>
#include <sirocco/version.hpp>

#include "runtime/machine.hpp"

namespace sirocco {

nlohmann::ordered_json fingerprint_json() {
  const Machine machine = look_at_machine();
  std::array<double, 3> load{};
  const int n = getloadavg(load.data(), 3);
  utsname system{};
  uname(&system);
  return {
    {"cpu", machine.cpu}, {"features", machine.features},
        {"threads_online", machine.threads_online}, {"threads_usable", machine.threads_usable},
        {"governor", machine.governor},
        {"load", n == 3 ? nlohmann::ordered_json(load) : nlohmann::ordered_json()},
        {"memory_bytes", machine.memory_bytes}, {"memory_limit", machine.memory_limit},
        {"huge_pages", machine.huge_pages},
        {"kernel", fmt::format("{} {}", system.sysname, system.release)},
        {"sirocco", SIROCCO_VERSION}, {"abi", SIROCCO_ABI_VERSION},
#if defined(__clang__)
        {"compiler", "clang " __clang_version__},
#else
        {"compiler", "gcc " __VERSION__},
#endif
    {
      "build", machine.build
    }
  };
}

std::string file_digest(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  boost::uuids::detail::sha1 sha;
  std::array<char, 1 << 16> buffer{};
  while (file.read(buffer.data(), buffer.size()) || file.gcount() > 0)
    sha.process_bytes(buffer.data(), static_cast<size_t>(file.gcount()));
  unsigned int digest[5];
  sha.get_digest(digest);
  std::string text;
  for (const unsigned int word : digest) text += fmt::format("{:08x}", word);
  return text;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace sirocco
