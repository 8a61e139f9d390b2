#include <cstdint>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

#include "catch.hpp"

#include <sirocco/sdk/arena.hpp>

using sirocco::sdk::ArenaItem;
using sirocco::sdk::plan_arena;

namespace {

bool live_together(const ArenaItem& a, const ArenaItem& b) {
  return a.first <= b.last && b.first <= a.last;
}

/// Bytes that live items hold at the busiest time: no plan can do with less.
uint64_t lower_bound(const std::vector<ArenaItem>& items, uint64_t alignment) {
  uint64_t most = 0;
  for (const ArenaItem& at : items) {
    uint64_t held = 0;
    for (const ArenaItem& item : items)
      if (item.first <= at.first && at.first <= item.last)
        held += (item.bytes + alignment - 1) / alignment * alignment;
    most = std::max(most, held);
  }
  return most;
}

void check_plan(const std::vector<ArenaItem>& items, uint64_t total, uint64_t alignment) {
  for (size_t i = 0; i < items.size(); ++i) {
    REQUIRE(items[i].offset % alignment == 0);
    REQUIRE(items[i].offset + items[i].bytes <= total);
    for (size_t j = 0; j < i; ++j) {
      if (!live_together(items[i], items[j])) continue;
      const bool apart = items[i].offset + items[i].bytes <= items[j].offset ||
                         items[j].offset + items[j].bytes <= items[i].offset;
      REQUIRE(apart);
    }
  }
}

}  // namespace

TEST_CASE("an arena of nothing is empty") {
  std::vector<ArenaItem> items;
  REQUIRE(plan_arena(items, 64) == 0);
}

TEST_CASE("memory is used again once its item is dead") {
  std::vector<ArenaItem> items{{1000, 0, 1, 0}, {1000, 1, 2, 0}, {1000, 2, 3, 0}, {1000, 3, 4, 0}};
  REQUIRE(plan_arena(items, 64) == 2048);
  check_plan(items, 2048, 64);
}

TEST_CASE("a gap in front of longer-lived items is taken") {
  std::vector<ArenaItem> items{{64, 0, 9, 0}, {256, 0, 0, 0}, {64, 0, 9, 0}, {64, 1, 9, 0}};
  const uint64_t total = plan_arena(items, 64);
  check_plan(items, total, 64);
  REQUIRE(total == 384);
}

TEST_CASE("random lifetimes: live items never overlap, and waste stays small") {
  std::mt19937 engine(7);
  const auto random = [&] { return static_cast<uint32_t>(engine()); };
  for (int round = 0; round < 200; ++round) {
    const uint64_t alignment = uint64_t{1} << (random() % 8);
    std::vector<ArenaItem> items(1 + random() % 60);
    for (ArenaItem& item : items) {
      item.bytes = random() % 5000;
      item.first = random() % 40;
      item.last = item.first + random() % 10;
    }
    const uint64_t total = plan_arena(items, alignment);
    check_plan(items, total, alignment);
    const uint64_t least = lower_bound(items, alignment);
    REQUIRE(total >= least);
    REQUIRE(total <= 2 * least);
  }
}

TEST_CASE("the same items give the same plan") {
  std::vector<ArenaItem> items{{10, 0, 3, 0}, {10, 1, 2, 0}, {10, 2, 4, 0}, {20, 0, 1, 0}};
  std::vector<ArenaItem> again = items;
  REQUIRE(plan_arena(items, 64) == plan_arena(again, 64));
  for (size_t i = 0; i < items.size(); ++i) REQUIRE(items[i].offset == again[i].offset);
}

TEST_CASE("an arena refuses what makes no sense") {
  std::vector<ArenaItem> backwards{{10, 3, 2, 0}};
  REQUIRE_THROWS_AS(plan_arena(backwards, 64), std::invalid_argument);
  std::vector<ArenaItem> fine{{10, 0, 0, 0}};
  REQUIRE_THROWS_AS(plan_arena(fine, 0), std::invalid_argument);
  const uint64_t huge = std::numeric_limits<uint64_t>::max();
  std::vector<ArenaItem> overflow{{huge, 0, 0, 0}};
  REQUIRE_THROWS_AS(plan_arena(overflow, 64), std::length_error);
  std::vector<ArenaItem> two{{huge / 2 + 1, 0, 0, 0}, {huge / 2 + 1, 0, 0, 0}};
  REQUIRE_THROWS_AS(plan_arena(two, 64), std::length_error);
}
