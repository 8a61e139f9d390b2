// Looks at one plugin in a process of its own and writes what it is to descriptor 3, as JSON.
// Started by the host: a plugin that crashes or hangs takes only this process with it.

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "describe.hpp"
#include "loader/probe.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SIROCCO_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SIROCCO_SANITIZED 1
#endif
#endif

namespace {

#ifdef SIROCCO_SANITIZED
constexpr bool kSanitized = true;  // shadow memory alone is beyond any limit
#else
constexpr bool kSanitized = false;
#endif

/// Bytes of memory a plugin may take to say what it is. Not where devices are started: their
/// runtimes reserve as much as they please.
constexpr rlim_t kMostMemory = rlim_t{4} << 30;

void limit(decltype(RLIMIT_CORE) resource, rlim_t value) {
  rlimit current{};
  if (getrlimit(resource, &current) != 0) return;
  current.rlim_cur = std::min(value, current.rlim_max);
  setrlimit(resource, &current);
}

/// What a plugin does wrong must end this process, soon and by the signal that says why.
void set_limits(long limit_ms, bool devices) {
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGPIPE})
    signal(number, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  limit(RLIMIT_CORE, 0);
  if (!kSanitized && !devices) limit(RLIMIT_DATA, kMostMemory);
  // Only a net below the host's own clock, for every thread of the plugin together.
  const long processors = std::max(1L, sysconf(_SC_NPROCESSORS_ONLN));
  limit(RLIMIT_CPU, static_cast<rlim_t>((limit_ms / 1000 + 1) * processors));
}

/// A copy of the report's descriptor at a number that no plugin guesses and no program it starts
/// inherits.
int take_report_descriptor() {
  const int fd = fcntl(sirocco::kProbeReportFd, F_DUPFD_CLOEXEC, 100);
  if (fd >= 0) close(sirocco::kProbeReportFd);
  return fd;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(fd, text.data(), text.size());
    if (n <= 0) return false;
    text.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const int report = take_report_descriptor();
  if (argc < 3 || report < 0) {
    std::fputs("sirocco-plugin-probe: started by sirocco to look at a plugin\n", stderr);
    return 2;
  }
  const bool devices = argc > 3 && std::string_view(argv[3]) == "--devices";
  set_limits(std::strtol(argv[2], nullptr, 10), devices);
  const std::string text = sirocco::describe_plugin(argv[1], devices);
  // Not a return: destructors of plugins have no part in what they are.
  _exit(write_all(report, text) ? 0 : 1);
}
