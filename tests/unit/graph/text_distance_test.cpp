#include "graph/text_distance.hpp"

#include "catch.hpp"

using namespace sirocco;

TEST_CASE("edits between two names") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("rope", "rope") == 0);
  CHECK(edit_distance("rope", "ropes") == 1);
  CHECK(edit_distance("lienar", "linear") == 1);  // a swap
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance(std::string(100'000, 'a'), std::string(100'000, 'b')) == 128);
}

TEST_CASE("only near names are suggested") {
  const std::vector<std::string> known = {"attention", "linear", "mul", "add"};
  CHECK(nearest_name("atention", known) == "attention");
  CHECK(nearest_name("lienar", known) == "linear");
  CHECK(nearest_name("mull", known) == "mul");
  CHECK(nearest_name("convolution", known).empty());
  CHECK(nearest_name("", known).empty());
  CHECK(nearest_name("x", {"y"}).empty());
  CHECK(nearest_name("x", {}).empty());
}
