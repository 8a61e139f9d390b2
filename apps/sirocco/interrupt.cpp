#include "interrupt.hpp"

#include <csignal>

namespace sirocco::cli {
namespace {

// A signal handler can reach nothing else.
std::atomic<bool> interrupted{false};

void on_interrupt(int) {
  interrupted = true;
  std::signal(SIGINT, SIG_DFL);
}

}  // namespace

const std::atomic<bool>& watch_interrupts() {
  interrupted = false;
  std::signal(SIGINT, on_interrupt);
  return interrupted;
}

void unwatch_interrupts() {
  std::signal(SIGINT, SIG_DFL);
}

}  // namespace sirocco::cli
