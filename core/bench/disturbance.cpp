#include "bench/disturbance.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>

namespace sirocco {
namespace {

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Busy seconds of all processors (proc(5): user, nice, system, idle, iowait, irq, softirq, steal)
/// less those of this process; negative where they are not known.
double others_seconds() {
  std::ifstream file("/proc/stat");
  std::string label;
  double ticks[8] = {};
  file >> label;
  for (double& value : ticks) file >> value;
  if (!file || label != "cpu") return -1;
  const double busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7];
  rusage own{};
  getrusage(RUSAGE_SELF, &own);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return busy / static_cast<double>(sysconf(_SC_CLK_TCK)) - seconds(own.ru_utime) -
         seconds(own.ru_stime);
}

}  // namespace

Disturbance::Disturbance() : start_wall_(wall_seconds()), start_others_(others_seconds()) {}

double Disturbance::share() const {
  const double wall = wall_seconds() - start_wall_, now = others_seconds();
  if (start_others_ < 0 || now < 0 || wall <= 0) return 0;
  // The system counts in hundredths of a second: a short run cannot say more.
  const double tick = 2.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  return std::max(now - start_others_ - tick, 0.0) / wall;
}

}  // namespace sirocco
