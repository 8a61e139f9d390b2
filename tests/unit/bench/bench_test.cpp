#include <sirocco/error.hpp>

#include "bench/bench.hpp"
#include "catch.hpp"

using namespace sirocco;

TEST_CASE("sizes are lists, ranges and both") {
  using Sizes = std::vector<int64_t>;
  CHECK(parse_sizes("512", "-p", 0) == Sizes{512});
  CHECK(parse_sizes("0,8", "-p", 0) == Sizes{0, 8});
  CHECK(parse_sizes("128-512+128", "-p", 0) == Sizes{128, 256, 384, 512});
  CHECK(parse_sizes("1-9*2", "-p", 0) == Sizes{1, 2, 4, 8});
  CHECK(parse_sizes("3,10-20+10", "-p", 0) == Sizes{3, 10, 20});
}

TEST_CASE("sizes that are none name the flag and what is wrong") {
  for (const char* text : {"", "x", "1,", ",1", "1-", "1-2", "1-2+", "1-2+0", "1-8*1", "0-8*2",
                           "8-1+1", "-5", "1;2", "99999999999", "0-9999+1", "1.5"}) {
    INFO(text);
    try {
      parse_sizes(text, "-d", 0);
      FAIL("accepted");
    } catch (const Error& e) {
      CHECK(e.exit_code() == 2);
      CHECK(std::string(e.what()).find("-d") != std::string::npos);
    }
  }
  CHECK_THROWS_AS(parse_sizes("0", "-r", 1), Error);
}

TEST_CASE("the middle of an even number of samples lies between the middle two") {
  CHECK(spread({3, 1, 2}).median == 2);
  CHECK(spread({4, 1, 2, 3}).median == 2.5);
  CHECK(spread({4, 1, 2, 3}).least == 1);
  CHECK(spread({4, 1, 2, 3}).most == 4);
  CHECK(spread({}).median == 0);
}

TEST_CASE("labels are the field's") {
  CHECK(BenchCase{false, 512, 0}.label() == "pp512");
  CHECK(BenchCase{true, 64, 4096}.label() == "tg64 @ d4096");
}
