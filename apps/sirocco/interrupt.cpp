#include "interrupt.hpp"

#include <csignal>
#include <iterator>

namespace sirocco::cli {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

// A signal handler can reach nothing else.
std::atomic<bool> interrupted{false};
std::atomic<int> interrupted_by{SIGINT};
std::atomic<bool> watched[std::size(kSignals)];

void unwatch() {
  for (size_t i = 0; i < std::size(kSignals); ++i)
    if (watched[i].exchange(false)) std::signal(kSignals[i], SIG_DFL);
}

void on_interrupt(int number) {
  interrupted_by = number;
  interrupted = true;
  unwatch();
}

}  // namespace

const std::atomic<bool>& watch_interrupts(Interrupts which) {
  interrupted = false;
  for (size_t i = 0; i < std::size(kSignals); ++i) {
    if (kSignals[i] != SIGINT && which == Interrupts::ctrl_c) continue;
    watched[i] = true;
    // What was started not to end with its terminal (nohup) stays so.
    if (std::signal(kSignals[i], on_interrupt) == SIG_IGN && kSignals[i] == SIGHUP) {
      std::signal(SIGHUP, SIG_IGN);
      watched[i] = false;
    }
  }
  return interrupted;
}

void unwatch_interrupts() {
  unwatch();
}

int interrupted_exit() {
  return 128 + interrupted_by;
}

}  // namespace sirocco::cli
