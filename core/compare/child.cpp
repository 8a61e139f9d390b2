#include "compare/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <sirocco/error.hpp>

extern char** environ;

namespace sirocco {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMostSaid = 64 << 10;
constexpr int kPollMs = 100;
/// Time for a process to end once it is told to.
constexpr std::chrono::seconds kEnding{20};

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw Error(ErrorKind::failure, fmt::format("no pipe to an arm: {}", std::strerror(errno)));
  return ends;
}

void close_end(int& end) {
  if (end >= 0) close(end);
  end = -1;
}

/// What a program of ours says last of all is why it ends: that in one line, else the last line.
std::string last_words(const std::string& text) {
  constexpr size_t kMost = 1000;
  const size_t end = text.find_last_not_of("\r\n ");
  if (end == std::string::npos) return {};
  std::string words = text.substr(0, end + 1);
  constexpr std::string_view kOurs = "sirocco: ";
  if (const size_t ours = words.rfind(kOurs);
      ours != std::string::npos && (ours == 0 || words[ours - 1] == '\n')) {
    words.erase(0, ours + kOurs.size());
  } else {
    words.erase(0, words.rfind('\n') + 1);
  }
  std::string line;
  for (const char c : words) {
    if (c == '\n' || (c == ' ' && line.ends_with(' '))) {
      if (!line.ends_with(' ')) line += ' ';
    } else {
      line += c;
    }
  }
  return line.size() <= kMost ? line : line.substr(0, kMost) + " …";
}

}  // namespace

Child::Child(const std::vector<std::string>& arguments) {
  std::array<int, 2> in = make_pipe(), out = make_pipe(), error = make_pipe();
  std::vector<char*> argv;
  std::string program = "/proc/self/exe";
  argv.push_back(program.data());
  std::vector<std::string> copies = arguments;
  for (std::string& argument : copies) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, error[1], 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A group of its own: Ctrl-C is for the one who asks, who then ends its arms in order.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  const int problem =
      posix_spawn(&pid_, program.c_str(), &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close_end(in[0]);
  close_end(out[1]);
  close_end(error[1]);
  input_ = in[1];
  output_ = out[0];
  error_ = error[0];
  if (problem) {
    pid_ = -1;
    close_end(input_);
    close_end(output_);
    close_end(error_);
    throw Error(ErrorKind::failure,
                fmt::format("an arm's process cannot be started: {}", std::strerror(problem)));
  }
}

Child::~Child() {
  close_end(input_);
  if (pid_ > 0) {
    kill_group();
    waitpid(pid_, nullptr, 0);
  }
  close_end(output_);
  close_end(error_);
}

void Child::kill_group() {
  kill(-pid_, SIGKILL);
}

bool Child::poll_once(int timeout_ms) {
  std::array<pollfd, 2> ends = {pollfd{output_, POLLIN, 0}, pollfd{error_, POLLIN, 0}};
  if (poll(ends.data(), ends.size(), timeout_ms) <= 0) return output_ >= 0 || error_ >= 0;
  std::array<char, 1 << 16> buffer{};
  for (size_t i = 0; i < ends.size(); ++i) {
    if (!(ends[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
    int& end = i == 0 ? output_ : error_;
    const ssize_t n = read(end, buffer.data(), buffer.size());
    if (n <= 0) {
      if (n < 0 && errno == EINTR) continue;
      close_end(end);
      continue;
    }
    std::string& text = i == 0 ? pending_ : said_;
    text.append(buffer.data(), static_cast<size_t>(n));
  }
  if (said_.size() > kMostSaid) said_.erase(0, said_.size() - kMostSaid);
  return output_ >= 0 || error_ >= 0;
}

Child::Got Child::read_line(std::string& line, std::chrono::seconds deadline,
                            const std::function<bool()>& stop) {
  const Clock::time_point end = Clock::now() + deadline;
  for (;;) {
    if (const size_t at = pending_.find('\n'); at != std::string::npos) {
      line = pending_.substr(0, at);
      pending_.erase(0, at + 1);
      return Got::line;
    }
    if (output_ < 0) return Got::end;
    if (stop && stop()) return Got::stopped;
    if (Clock::now() >= end) return Got::late;
    poll_once(kPollMs);
  }
}

bool Child::write_line(const std::string& line) {
  const std::string whole = line + "\n";
  size_t done = 0;
  while (input_ >= 0 && done < whole.size()) {
    const ssize_t n = write(input_, whole.data() + done, whole.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<size_t>(n);
  }
  return done == whole.size();
}

void Child::close_input() {
  close_end(input_);
}

Child::Exit Child::end() {
  close_end(input_);
  const Clock::time_point end = Clock::now() + kEnding;
  bool late = false;
  int status = 0;
  for (;;) {
    // With its pipes closed it is about to go, and nothing tells when it has.
    poll_once(output_ >= 0 || error_ >= 0 ? kPollMs : 1);
    const pid_t ended = waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) break;
    if (late || Clock::now() < end) continue;
    late = true;
    kill_group();
  }
  while ((output_ >= 0 || error_ >= 0) && poll_once(0)) {
    // What is left in the pipes; something the child started may hold them open.
    std::array<pollfd, 2> ends = {pollfd{output_, POLLIN, 0}, pollfd{error_, POLLIN, 0}};
    if (poll(ends.data(), ends.size(), 0) <= 0) break;
  }
  kill_group();
  pid_ = -1;
  Exit exit;
  const std::string last = last_words(said_);
  if (late) {
    exit.text = fmt::format("did not end within {} s, and was killed", kEnding.count());
  } else if (WIFSIGNALED(status)) {
    exit.text =
        fmt::format("ended by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  } else {
    exit.code = WEXITSTATUS(status);
    exit.ok = exit.code == 0;
    exit.text = fmt::format("ended with exit code {}", exit.code);
  }
  if (!last.empty()) exit.text += ": " + last;
  return exit;
}

}  // namespace sirocco
