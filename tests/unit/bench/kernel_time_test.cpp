#include "bench/kernel_time.hpp"

#include "catch.hpp"

using namespace sirocco;

TEST_CASE("a node takes as long as its slowest thread, whose records add up") {
  KernelTime time(3);
  const std::vector<NodeTime> times = {
      {0, 0, 0, 100, 130}, {0, 0, 1, 100, 150},                       // 30 and 50
      {2, 0, 0, 200, 220}, {2, 0, 1, 200, 215}, {2, 0, 0, 300, 301},  // 20 + 1 and 15
  };
  time.read(times);
  CHECK(time.slowest_ns()[0] == 50);
  CHECK(time.slowest_ns()[1] == 0);
  CHECK(time.slowest_ns()[2] == 21);
  CHECK(time.total_ns() == 71);
  SECTION("the next step starts anew") {
    time.read({times.data() + 2, 2});
    CHECK(time.slowest_ns()[0] == 0);
    CHECK(time.total_ns() == 20);
    time.read({});
    CHECK(time.total_ns() == 0);
  }
}
