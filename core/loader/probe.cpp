#include "loader/probe.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sirocco/error.hpp>

#include "loader/install_paths.hpp"

extern char** environ;

namespace sirocco {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMostReport = 1u << 20;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

[[noreturn]] void cannot_start(const std::string& helper, int error) {
  throw Error(ErrorKind::failure,
              fmt::format("{}: the plugin probe cannot be run: {}", helper, std::strerror(error)));
}

/// Starts the helper with its report going to `report` and everything it prints to nowhere.
pid_t start(const std::filesystem::path& file, bool devices, int limit_ms, int report) {
  const std::string helper = install_paths().probe.string();
  const std::string path = std::filesystem::absolute(file).string();
  const std::string limit = std::to_string(limit_ms);
  const char* arguments[] = {helper.c_str(), path.c_str(), limit.c_str(),
                             devices ? "--devices" : nullptr, nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, report, kProbeReportFd);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A group of its own, so that what a plugin starts ends with it; no signal blocked, whatever the
  // calling thread blocks.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  pid_t child = 0;
  const int error = posix_spawn(&child, helper.c_str(), &actions, &attributes,
                                const_cast<char**>(arguments), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error) cannot_start(helper, error);
  return child;
}

/// Whether the child has ended. It is not reaped, so that its group still exists.
bool has_ended(pid_t child) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT | WNOHANG) == 0 &&
         info.si_pid == child;
}

/// What the helper wrote, at most a little over kMostReport, once it has closed its end or ended: a
/// process that the plugin left behind may hold the other end open. Nothing when time ran out.
std::optional<std::string> read_report(int fd, pid_t child, Clock::time_point deadline) {
  constexpr int64_t kTick = 20;  // ms between two looks at the child
  std::string report;
  while (report.size() <= kMostReport) {
    const bool over = has_ended(child);
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return std::nullopt;
    pollfd waiting{fd, POLLIN, 0};
    if (poll(&waiting, 1, over ? 0 : static_cast<int>(std::min<int64_t>(left, kTick))) <= 0) {
      if (over) return report;
      continue;
    }
    char buffer[4096];
    const ssize_t n = read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return report;
    report.append(buffer, static_cast<size_t>(n));
  }
  return report;
}

/// Whether the child ended by the deadline.
bool wait_for(pid_t child, Clock::time_point deadline) {
  while (!has_ended(child)) {
    if (Clock::now() >= deadline) return false;
    poll(nullptr, 0, 1);
  }
  return true;
}

/// Ends the child and whatever it started; its wait status.
int end(pid_t child) {
  kill(-child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

std::string fate(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = sigabbrev_np(WTERMSIG(status));
    return fmt::format("crashed with SIG{} while being probed", name ? name : "?");
  }
  return fmt::format("ended the process with exit code {} while being probed", WEXITSTATUS(status));
}

std::string duration(int ms) {
  return ms % 1000 ? fmt::format("{} ms", ms) : fmt::format("{} s", ms / 1000);
}

Probed refused(std::string why) {
  Probed probed;
  probed.refused = std::move(why);
  return probed;
}

Probed parse(const std::string& report) {
  const auto json = nlohmann::json::parse(report);
  Probed probed;
  probed.refused = json.value("refused", "");
  if (!probed.refused.empty()) return probed;
  probed.name = json.at("name");
  probed.version = json.at("version");
  probed.vendor = json.at("vendor");
  probed.licence = json.at("licence");
  probed.description = json.at("description");
  probed.abi_min = json.at("abi_min");
  probed.abi_max = json.at("abi_max");
  probed.interfaces = json.at("interfaces").get<std::vector<std::string>>();
  probed.ops = json.value("ops", std::vector<std::string>{});
  probed.devices_error = json.value("devices_error", "");
  for (const auto& device : json.value("devices", nlohmann::json::array())) {
    probed.devices.push_back(
        {device.at("name"), device.at("kind"), device.at("features"), device.at("memory_bytes")});
  }
  return probed;
}

int timeout_ms(const ProbeOptions& options) {
  constexpr int kMost = 3'600'000;
  const char* given = std::getenv("SIROCCO_PROBE_TIMEOUT_MS");
  const long value = given ? std::strtol(given, nullptr, 10) : 0;
  return static_cast<int>(std::clamp<long>(value > 0 ? value : options.timeout_ms, 1, kMost));
}

}  // namespace

Probed probe_plugin(const std::filesystem::path& file, const ProbeOptions& options) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw Error(ErrorKind::failure,
                std::string("no pipe to probe plugins with: ") + std::strerror(errno));
  const Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  const int limit = timeout_ms(options);
  const auto deadline = Clock::now() + std::chrono::milliseconds(limit);
  const pid_t child = start(file, options.devices, limit, writing.get());
  writing.close();
  const std::optional<std::string> report = read_report(reading.get(), child, deadline);
  const bool too_long = report && report->size() > kMostReport;
  const bool ended = report && !too_long && wait_for(child, deadline);
  const int status = end(child);
  if (too_long) return refused(fmt::format("describes itself in more than {} bytes", kMostReport));
  if (!ended) return refused(fmt::format("did not answer within {}", duration(limit)));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || report->empty())
    return refused(fate(status));
  try {
    return parse(*report);
  } catch (const nlohmann::json::exception&) {
    return refused("disturbed the report of the probe");
  }
}

}  // namespace sirocco
