// Stop strings in streamed text: never a part of one is shown.

#include "catch.hpp"

#include <sirocco/error.hpp>

#include "runtime/stop_strings.hpp"

using namespace sirocco;

namespace {

struct Streamed {
  std::string shown;
  bool stopped = false;
};

/// `text` in pieces of `size` bytes.
Streamed stream(const std::vector<std::string>& strings, const std::string& text, size_t size) {
  StopStrings stop(strings);
  Streamed result;
  for (size_t at = 0; at < text.size() && !result.stopped; at += size)
    result.stopped = stop.push(text.substr(at, size), result.shown);
  if (!result.stopped) stop.finish(result.shown);
  return result;
}

}  // namespace

TEST_CASE("text ends before a stop string, however it is cut") {
  for (size_t size = 1; size < 12; ++size) {
    CAPTURE(size);
    const Streamed found = stream({"END"}, "one ENE ENDs two", size);
    CHECK(found.stopped);
    CHECK(found.shown == "one ENE ");
    const Streamed absent = stream({"END"}, "one ENE EN", size);
    CHECK_FALSE(absent.stopped);
    CHECK(absent.shown == "one ENE EN");
    CHECK(stream({"aab"}, "aaaab", size).shown == "aa");
    CHECK(stream({"zzz", "b c"}, "a b c", size).shown == "a ");
    CHECK(stream({}, "as it is", size).shown == "as it is");
  }
}

TEST_CASE("nothing of a stop string is shown before it is known to be none") {
  StopStrings stop({"\n\nQ:"});
  std::string shown;
  CHECK_FALSE(stop.push("yes\n", shown));
  CHECK(shown == "yes");
  CHECK_FALSE(stop.push("\nQ", shown));
  CHECK(shown == "yes");
  CHECK_FALSE(stop.push("!", shown));
  CHECK(shown == "yes\n\nQ!");
  CHECK_FALSE(stop.push("\n\n", shown));
  CHECK(stop.push("Q: next", shown));
  CHECK(shown == "yes\n\nQ!");
}

TEST_CASE("of several the one that begins first counts") {
  CHECK(stream({"cd", "bc"}, "abcd", 4).shown == "a");
  CHECK(stream({"b", "abc"}, "xabc", 4).shown == "x");
}

TEST_CASE("an empty stop string is refused") {
  CHECK_THROWS_AS(StopStrings({"a", ""}), Error);
}
