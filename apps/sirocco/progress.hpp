#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace sirocco::cli {

/// A progress bar on standard error, only where that is a terminal, and only for work that lasts.
class Progress {
 public:
  explicit Progress(std::string label);
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(uint64_t done, uint64_t total);
  /// Takes the bar off the screen.
  void finish();

 private:
  std::string label_;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace sirocco::cli
