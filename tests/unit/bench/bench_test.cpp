#include <cmath>

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
  CHECK_THROWS_AS(parse_sizes("0", "-b", 1), Error);
}

TEST_CASE("a prompt and what is made after it are two sizes") {
  CHECK(parse_prompt_and_gen("512,128", "-pg") == std::pair<int64_t, int64_t>{512, 128});
  for (const char* text : {"", "512", "512,", "512,0", "0,1", "1,2,3", "a,b", "1, 2", "1-2,3"}) {
    INFO(text);
    try {
      parse_prompt_and_gen(text, "-pg");
      FAIL("accepted");
    } catch (const Error& e) {
      CHECK(e.exit_code() == 2);
      CHECK(std::string(e.what()).find("-pg") != std::string::npos);
      CHECK(std::string(e.what()).find("such as 512,128") != std::string::npos);
    }
  }
}

TEST_CASE("cases are every combination, a batch of what is made only") {
  BenchMatrix matrix;
  matrix.prompts = {16, 0};
  matrix.generates = {0, 4};
  matrix.prompts_and_gens = {{8, 2}};
  matrix.depths = {0, 32};
  matrix.batches = {1, 8};
  std::vector<std::string> labels;
  const std::vector<BenchCase> cases = bench_cases(matrix);
  labels.reserve(cases.size());
  for (const BenchCase& test : cases) labels.push_back(test.label());
  CHECK(labels == std::vector<std::string>{"pp16", "tg4", "tg4 b8", "pp8+tg2", "pp16 @ d32",
                                           "tg4 @ d32", "tg4 b8 @ d32", "pp8+tg2 @ d32"});
  CHECK(sequences_needed(cases) == 16);
  CHECK(widest_batch(cases) == 8);
  CHECK_THROWS_AS(bench_cases({{0}, {0}, {}, {0}, {1}}), Error);
}

TEST_CASE("as many sequences are needed as each depth's widest batch") {
  CHECK(sequences_needed({{16, 0, 0, 1}, {0, 4, 0, 8}, {0, 4, 32, 1}, {16, 0, 64, 1}}) == 10);
  CHECK(widest_batch({{16, 0, 0, 1}}) == 1);
}

TEST_CASE("labels are the field's") {
  CHECK(BenchCase{512, 0, 0, 1}.label() == "pp512");
  CHECK(BenchCase{0, 64, 4096, 1}.label() == "tg64 @ d4096");
  CHECK(BenchCase{0, 64, 0, 8}.label() == "tg64 b8");
  CHECK(BenchCase{512, 128, 32, 1}.label() == "pp512+tg128 @ d32");
}

TEST_CASE("the middle of an even number of samples lies between the middle two") {
  CHECK(spread({3, 1, 2}).median == 2);
  CHECK(spread({4, 1, 2, 3}).median == 2.5);
  CHECK(spread({4, 1, 2, 3}).least == 1);
  CHECK(spread({4, 1, 2, 3}).most == 4);
  CHECK(spread({}).median == 0);
}

TEST_CASE("mean and standard deviation are the samples' own") {
  const Spread found = spread({2, 4, 4, 4, 5, 5, 7, 9});
  CHECK(found.mean == 5);
  CHECK(found.deviation == Approx(std::sqrt(32.0 / 7)));
  CHECK(spread({3}).mean == 3);
  CHECK(spread({3}).deviation == 0);
}
