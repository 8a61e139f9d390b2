#pragma once

#include <cstdio>
#include <string>

/// Says that a test case (or a part of it) did not run because this machine lacks something.
/// `./dev test` lists these lines at its end; the caller returns afterwards.
inline void report_skipped(const std::string& reason) {
  std::printf("SKIPPED: %s\n", reason.c_str());
  std::fflush(stdout);
}
