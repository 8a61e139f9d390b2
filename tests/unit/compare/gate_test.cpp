#include "compare/gate.hpp"

#include <limits>
#include <string>
#include <vector>

#include <sirocco/error.hpp>

#include "catch.hpp"

using namespace sirocco;

namespace {

Gate gate(const std::string& text) {
  return parse_gates({text}, "--fail-if").at(0);
}

bool matches(const std::string& label, const std::string& case_label) {
  return gate(label + "<1").matches(case_label);
}

std::string refusal(const std::vector<std::string>& texts) {
  try {
    parse_gates(texts, "--fail-if");
  } catch (const Error& e) {
    CHECK(e.exit_code() == 2);
    return e.what();
  }
  return {};
}

}  // namespace

TEST_CASE("conditions are read, between commas and from several flags") {
  const auto gates = parse_gates({"tg<0.97, tg64 @ d4096 < 0.9", "load>1.1"}, "--fail-if");
  REQUIRE(gates.size() == 3);
  CHECK(gates[0].label == "tg");
  CHECK(gates[0].below);
  CHECK(gates[0].bound == 0.97);
  CHECK(gates[1].text() == "tg64@d4096<0.9");
  CHECK(gates[2].text() == "load>1.1");
  CHECK_FALSE(gates[2].below);
  CHECK(parse_gates({}, "--fail-if").empty());
  CHECK(gate("kl>1e-2").bound == 0.01);
}

TEST_CASE("what is wrong with a condition is said beside it") {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "a condition is missing"},
      {"tg<0.9,", "a condition is missing"},
      {"tg", "neither < nor >"},
      {"<0.9", "no case is named"},
      {"tg<", "'' is no number"},
      {"tg<fast", "'fast' is no number"},
      {"tg<0.9x", "'0.9x' is no number"},
      {"tg<=0.9", "'=0.9' is no number"},
      {"tg<nan", "'nan' is no number"},
      {"tg<inf", "'inf' is no number"},
      {"tg<-1", "below zero"},
      {"64<0.9", "'64' is no case's label"},
      {"tg-64<0.9", "'tg-64' is no case's"},
      {"tg<0.9<1", "'0.9<1' is no number"},
  };
  for (const auto& [text, why] : wrong) {
    INFO(text);
    const std::string message = refusal({text});
    CHECK(message.find("--fail-if") != std::string::npos);
    CHECK(message.find(why) != std::string::npos);
    CHECK(message.find("expected conditions such as") != std::string::npos);
  }
}

TEST_CASE("a label without a number means its kind, with one its case") {
  CHECK(matches("tg", "tg64"));
  CHECK(matches("tg", "tg64 @ d4096"));
  CHECK(matches("tg", "tg64 b8"));
  CHECK_FALSE(matches("tg", "pp64"));
  CHECK_FALSE(matches("t", "tg64"));
  CHECK(matches("tg64", "tg64"));
  CHECK_FALSE(matches("tg64", "tg64 @ d4096"));
  CHECK_FALSE(matches("tg64", "tg64 b8"));
  CHECK_FALSE(matches("tg6", "tg64"));
  CHECK(matches("tg64@d4096", "tg64 @ d4096"));
  CHECK(matches("tg64b8@d32", "tg64 b8 @ d32"));
  CHECK(matches("tg@d4096", "tg8 @ d4096"));
  CHECK_FALSE(matches("tg@d4096", "tg8"));
  CHECK(matches("load", "load"));
  CHECK(matches("memory", "memory"));
}

TEST_CASE("a prompt and generation together are a kind of their own") {
  CHECK(matches("pp512+tg128", "pp512+tg128"));
  CHECK_FALSE(matches("pp512+tg128", "pp512+tg128 @ d64"));
  CHECK(matches("pp512+tg128@d64", "pp512+tg128 @ d64"));
  CHECK(matches("pg", "pp512+tg128 @ d64"));
  CHECK_FALSE(matches("pp", "pp512+tg128"));
  CHECK_FALSE(matches("pp512", "pp512+tg128"));
}

TEST_CASE("a value at its bound stands, one that is not known fails") {
  CHECK_FALSE(gate("tg<0.97").fails(0.97));
  CHECK(gate("tg<0.97").fails(0.9699));
  CHECK_FALSE(gate("load>1.1").fails(1.1));
  CHECK(gate("load>1.1").fails(1.11));
  CHECK(gate("tg<0.97").fails(std::numeric_limits<double>::quiet_NaN()));
  CHECK(gate("kl>0.01").fails(std::numeric_limits<double>::quiet_NaN()));
}

TEST_CASE("failures tell the gate and the case") {
  const auto gates = parse_gates({"tg<0.97,pp512<0.95,load>1.1"}, "--fail-if");
  const std::vector<GatedValue> found = {
      {"pp512", 0.96}, {"tg64", 0.99}, {"tg64 @ d4096", 0.912}, {"load", 1.2}};
  const auto failures = failed_gates(gates, found);
  REQUIRE(failures.size() == 2);
  CHECK(failures[0].text() == "tg64 @ d4096 is 0.912: fails tg<0.97");
  CHECK(failures[1].text() == "load is 1.2: fails load>1.1");
}

TEST_CASE("a gate that watches nothing is refused") {
  const std::vector<std::string> labels = {"pp512", "tg64 @ d4096", "load"};
  CHECK_NOTHROW(check_gates(parse_gates({"tg<0.9,load>2"}, "--fail-if"), labels, "--fail-if"));
  try {
    check_gates(parse_gates({"tg64@d496<0.9"}, "--fail-if"), labels, "--fail-if");
    FAIL("accepted");
  } catch (const Error& e) {
    CHECK(e.exit_code() == 2);
    const std::string message = e.what();
    CHECK(message.find("--fail-if 'tg64@d496<0.9'") != std::string::npos);
    CHECK(message.find("did you mean tg64@d4096?") != std::string::npos);
    CHECK(message.find("there are pp512, tg64@d4096, load") != std::string::npos);
  }
}
