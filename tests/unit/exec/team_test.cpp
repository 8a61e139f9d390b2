#include "exec/team.hpp"

#include <atomic>
#include <chrono>
#include <sirocco/error.hpp>
#include <thread>
#include <vector>

#include "catch.hpp"

namespace sirocco {
namespace {

/// Runs a callable of (thread, n_threads) on the team.
template <class Body>
void run(Team& team, Body& body) {
  team.run([](void* arg, uint32_t thread, uint32_t n) { (*static_cast<Body*>(arg))(thread, n); },
           &body);
}

}  // namespace

TEST_CASE("every thread runs a region once, and all have ended when run returns") {
  const uint32_t n = GENERATE(1u, 2u, 3u, 8u);
  Team team(n);
  CHECK(team.size() == n);
  std::vector<int> runs(n, 0);  // plain: the team itself must order these accesses
  std::vector<uint32_t> sizes(n, 0);
  auto body = [&](uint32_t thread, uint32_t size) {
    ++runs[thread];
    sizes[thread] = size;
  };
  for (int region = 1; region <= 200; ++region) {
    run(team, body);
    for (uint32_t thread = 0; thread < n; ++thread) REQUIRE(runs[thread] == region);
  }
  for (const uint32_t size : sizes) CHECK(size == n);
}

TEST_CASE("the caller is thread 0") {
  Team team(2);
  std::thread::id ids[2];
  auto body = [&](uint32_t thread, uint32_t) { ids[thread] = std::this_thread::get_id(); };
  run(team, body);
  CHECK(ids[0] == std::this_thread::get_id());
  CHECK(ids[1] != ids[0]);
}

TEST_CASE("what is written before a barrier is read after it") {
  const uint32_t n = GENERATE(1u, 2u, 5u);
  Team team(n);
  std::vector<int> values(n, 0);
  std::atomic<int> wrong{0};
  auto body = [&](uint32_t thread, uint32_t size) {
    for (int phase = 1; phase <= 100; ++phase) {
      values[thread] = phase;
      team.barrier(thread);
      for (uint32_t other = 0; other < size; ++other) wrong += values[other] != phase;
      team.barrier(thread);
    }
  };
  run(team, body);
  run(team, body);
  CHECK(wrong == 0);
}

TEST_CASE("threads that slept between regions wake up") {
  Team team(3);
  std::atomic<int> count{0};
  auto body = [&](uint32_t, uint32_t) { ++count; };
  for (int region = 0; region < 5; ++region) {
    run(team, body);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK(count == 15);
}

TEST_CASE("threads of very different speed wait for one another") {
  Team team(3);
  std::atomic<int> arrived{0};
  std::atomic<bool> early{false};
  auto body = [&](uint32_t thread, uint32_t n) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5 * thread));
    ++arrived;
    team.barrier(thread);
    if (arrived != static_cast<int>(n)) early = true;
  };
  run(team, body);
  CHECK_FALSE(early);
}

TEST_CASE("many more threads than processors") {
  Team team(64);
  std::atomic<uint32_t> sum{0};
  auto body = [&](uint32_t thread, uint32_t) {
    team.barrier(thread);
    sum += thread;
    team.barrier(thread);
  };
  for (int region = 0; region < 3; ++region) run(team, body);
  CHECK(sum == 3 * 63 * 64 / 2);
}

TEST_CASE("teams come and go, used or not") {
  for (int i = 0; i < 50; ++i) {
    Team team(3);
    std::atomic<int> count{0};
    auto body = [&](uint32_t, uint32_t) { ++count; };
    if (i % 2) run(team, body);
    CHECK(count == (i % 2 ? 3 : 0));
  }
}

TEST_CASE("two teams side by side do not meet") {
  const auto work = [](int* total) {
    Team team(2);
    std::atomic<int> count{0};
    auto body = [&](uint32_t thread, uint32_t) {
      ++count;
      team.barrier(thread);
    };
    for (int region = 0; region < 100; ++region) run(team, body);
    *total = count;
  };
  int first = 0, second = 0;
  std::thread other(work, &first);
  work(&second);
  other.join();
  CHECK(first == 200);
  CHECK(second == 200);
}

TEST_CASE("the size of a team") {
  CHECK(usable_threads() >= 1);
  CHECK(Team().size() == usable_threads());
  CHECK_THROWS_AS(Team(1'000'000), Error);
}

}  // namespace sirocco
