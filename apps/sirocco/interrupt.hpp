#pragma once

#include <atomic>

namespace sirocco::cli {

/// Ctrl-C, or also the system's wish that the process end (SIGTERM, SIGHUP): for verbs that have
/// more to do then than to stop.
enum class Interrupts { ctrl_c, any };

/// From here on the first of them sets the flag, and the next ends the process at once. Calling it
/// again clears the flag and starts anew.
const std::atomic<bool>& watch_interrupts(Interrupts which = Interrupts::ctrl_c);
/// From here on they end the process.
void unwatch_interrupts();

/// Exit code of a verb that one of them ended, as shells have it: 130 for Ctrl-C.
int interrupted_exit();

}  // namespace sirocco::cli
