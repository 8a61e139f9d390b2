#pragma once

#include <atomic>

namespace sirocco::cli {

/// Exit code of a verb that Ctrl-C ended, as shells have it.
constexpr int kInterruptedExit = 130;

/// From here on the first Ctrl-C sets the flag, and the second ends the process at once. Calling it
/// again clears the flag and starts anew.
const std::atomic<bool>& watch_interrupts();
/// From here on Ctrl-C ends the process.
void unwatch_interrupts();

}  // namespace sirocco::cli
