#pragma once
// A process of this program that does one arm's work, so that what a backend breaks is its own.

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace sirocco {

/// Lines to its standard input, lines from its standard output; what it says on standard error is
/// kept, and its end told. Killed with everything it started when destroyed.
class Child {
 public:
  /// Starts this program with those arguments, in a process group of its own. Throws Error(failure)
  /// where the system starts none.
  explicit Child(const std::vector<std::string>& arguments);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  enum class Got { line, end, late, stopped };
  /// The next line, without its end. `end`: it closed its output; `late`: the deadline passed;
  /// `stopped`: `stop` said so.
  Got read_line(std::string& line, std::chrono::seconds deadline,
                const std::function<bool()>& stop);
  /// False where it does not read any more.
  bool write_line(const std::string& line);
  /// No more lines come.
  void close_input();

  struct Exit {
    bool ok = false;
    int code = 0;      ///< the exit code, where it ended by itself
    std::string text;  ///< how it ended, and the last thing it said
  };
  /// Tells it to end and waits until it has; kills it where that takes too long.
  Exit end();
  /// What it said on standard error so far.
  const std::string& said() const { return said_; }

 private:
  bool poll_once(int timeout_ms);
  void kill_group();

  pid_t pid_ = -1;
  int input_ = -1, output_ = -1, error_ = -1;
  std::string pending_, said_;
};

}  // namespace sirocco
