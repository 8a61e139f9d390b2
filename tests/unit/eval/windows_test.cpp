#include "eval/windows.hpp"

#include <numeric>

#include <sirocco/error.hpp>

#include "catch.hpp"

using namespace sirocco;

namespace {

std::vector<int32_t> count(size_t n) {
  std::vector<int32_t> tokens(n);
  std::iota(tokens.begin(), tokens.end(), 0);
  return tokens;
}

std::string refused(const Prompts& texts, const WindowRule& rule, ErrorKind kind) {
  try {
    cut_windows(texts, rule, "story.txt");
  } catch (const Error& e) {
    CHECK(e.kind() == kind);
    return e.what();
  }
  FAIL("accepted");
  return {};
}

}  // namespace

TEST_CASE("windows follow each other, and half of each is context") {
  const WindowRule rule{.size = 8};
  CHECK(rule.first_scored() == 5);
  CHECK(rule.scored() == 3);
  const Windows windows = cut_windows({count(19)}, rule, "");
  REQUIRE(windows.tokens.size() == 2);
  CHECK(windows.tokens[1] == std::vector<int32_t>{8, 9, 10, 11, 12, 13, 14, 15});
  CHECK(windows.unused == 3);
  CHECK(WindowRule{.size = 512}.scored() == 255);
}

TEST_CASE("with a stride every token from the first scored one on is scored once") {
  const WindowRule rule{.size = 8, .stride = 3};
  const Windows windows = cut_windows({count(15)}, rule, "");
  std::vector<int32_t> scored;
  for (const auto& window : windows.tokens)
    scored.insert(scored.end(), window.begin() + rule.first_scored(), window.end());
  CHECK(scored == std::vector<int32_t>{5, 6, 7, 8, 9, 10, 11, 12, 13});
  CHECK(windows.unused == 1);
}

TEST_CASE("the token that begins a text begins each window, and windows keep to their text") {
  const Windows windows =
      cut_windows({count(9), count(3), count(4)}, {.size = 4, .stride = {}, .begin = 77}, "");
  REQUIRE(windows.tokens.size() == 3);
  CHECK(windows.tokens[0] == std::vector<int32_t>{77, 1, 2, 3});
  CHECK(windows.tokens[1] == std::vector<int32_t>{77, 5, 6, 7});
  CHECK(windows.tokens[2] == std::vector<int32_t>{77, 1, 2, 3});
  CHECK(windows.unused == 4);
}

TEST_CASE("rules and texts that give no window are refused") {
  CHECK(refused({count(9)}, {.size = 3}, ErrorKind::usage).find("4 or more") != std::string::npos);
  refused({count(9)}, {.size = 8, .stride = 8}, ErrorKind::usage);
  refused({count(9)}, {.size = 8, .stride = 0}, ErrorKind::usage);
  const std::string message = refused({count(7), count(2)}, {.size = 8}, ErrorKind::invalid_file);
  CHECK(message.find("story.txt: 7 tokens") != std::string::npos);
  CHECK(message.find("--ctx") != std::string::npos);
}
