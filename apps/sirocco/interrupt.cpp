#include "interrupt.hpp"

#include <csignal>

namespace sirocco::cli {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

// A signal handler can reach nothing else.
std::atomic<bool> interrupted{false};
std::atomic<int> interrupted_by{SIGINT};

void on_interrupt(int number) {
  interrupted = true;
  interrupted_by = number;
  std::signal(number, SIG_DFL);
}

/// But for what was started not to end with its terminal (nohup).
void handle_all(void (*handler)(int)) {
  for (const int number : kSignals) {
    const auto before = std::signal(number, handler);
    if (number == SIGHUP && before == SIG_IGN) std::signal(number, SIG_IGN);
  }
}

}  // namespace

const std::atomic<bool>& watch_interrupts() {
  interrupted = false;
  handle_all(on_interrupt);
  return interrupted;
}

void unwatch_interrupts() {
  handle_all(SIG_DFL);
}

int interrupted_exit() {
  return 128 + interrupted_by;
}

}  // namespace sirocco::cli
