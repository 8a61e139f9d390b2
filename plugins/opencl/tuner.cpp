#include "tuner.hpp"

#include <cstdio>
#include <limits>
#include <optional>

namespace sirocco::opencl {
namespace {

std::string text_of(const Tile& tile) {
  char text[96];
  std::snprintf(text, sizeof text, "lanes %u vec %u pairs %u rows %u local %d", tile.lanes,
                tile.vec, tile.pairs, tile.rows, tile.local ? 1 : 0);
  return text;
}

}  // namespace

Tile Tuner::pick(const std::string& what, const std::vector<Tile>& candidates,
                 const Measure& measure) {
  const auto known = picked_.find(what);
  if (known != picked_.end()) return known->second;
  if (candidates.size() == 1 || !device_.settings().autotune || !device_.cache().keeps())
    return picked_[what] = candidates.front();
  std::string key = "tile\n" + device_.traits().identity() + "\n" + all_sources() + "\n" + what;
  for (const Tile& tile : candidates) key += "\n" + text_of(tile);
  if (const std::optional<std::string> kept = device_.cache().read(key))
    for (const Tile& tile : candidates)
      if (text_of(tile) == *kept) return picked_[what] = tile;

  Tile best = candidates.front();
  double least = std::numeric_limits<double>::infinity();
  for (const Tile& tile : candidates) {
    if (spent_ > kBudgetSeconds) break;
    double seconds = std::numeric_limits<double>::infinity();
    try {
      for (int run = 0; run < 3; ++run) {
        const double sample = measure(tile);
        spent_ += sample;
        seconds = std::min(seconds, sample);
      }
    } catch (const sdk::StatusError&) {
      continue;  // a shape that the device does not run is none to choose
    }
    if (seconds < least) {
      least = seconds;
      best = tile;
    }
  }
  device_.cache().write(key, text_of(best));
  return picked_[what] = best;
}

}  // namespace sirocco::opencl
