#include "progress.hpp"

#include <cstdio>
#include <utility>

#include <unistd.h>

namespace sirocco::cli {
namespace {

constexpr auto kPatience = std::chrono::milliseconds(300);
constexpr auto kInterval = std::chrono::milliseconds(50);
constexpr uint64_t kWidth = 30;

}  // namespace

Progress::Progress(std::string label)
    : label_(std::move(label)),
      terminal_(isatty(STDERR_FILENO)),
      start_(std::chrono::steady_clock::now()),
      last_(start_) {}

void Progress::show(uint64_t done, uint64_t total) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || total == 0 || now - start_ < kPatience || now - last_ < kInterval) return;
  last_ = now;
  shown_ = true;
  const uint64_t filled = kWidth * done / total;
  std::string bar(filled, '#');
  bar.resize(kWidth, ' ');
  std::fprintf(stderr, "\r%s [%s] %3d%%", label_.c_str(), bar.c_str(),
               static_cast<int>(100 * done / total));
}

void Progress::finish() {
  if (std::exchange(shown_, false)) std::fprintf(stderr, "\r\033[K");
}

}  // namespace sirocco::cli
