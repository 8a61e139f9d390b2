#pragma once

#include <atomic>

namespace sirocco::cli {

/// From here on the first Ctrl-C (or the system's wish that the process end: SIGTERM, SIGHUP) sets
/// the flag, and the second ends the process at once. Calling it again clears the flag and starts
/// anew.
const std::atomic<bool>& watch_interrupts();
/// From here on they end the process.
void unwatch_interrupts();

/// Exit code of a verb that one of them ended, as shells have it: 130 for Ctrl-C.
int interrupted_exit();

}  // namespace sirocco::cli
