#include "config/scalar.hpp"

#include "catch.hpp"
#include "document_files.hpp"

using namespace sirocco;

namespace {

ScalarValue value_of(const std::string& text) {
  return scalar_value(*parse_yaml("v: " + text, "t").find("v"));
}

bool is_string(const std::string& text) {
  return std::holds_alternative<std::string>(value_of(text));
}

}  // namespace

TEST_CASE("Scalars follow the core schema of YAML 1.2") {
  CHECK(value_of("7") == ScalarValue(int64_t{7}));
  CHECK(value_of("-7") == ScalarValue(int64_t{-7}));
  CHECK(value_of("+7") == ScalarValue(int64_t{7}));
  CHECK(value_of("010") == ScalarValue(int64_t{10}));
  CHECK(value_of("0x1F") == ScalarValue(int64_t{31}));
  CHECK(value_of("0o17") == ScalarValue(int64_t{15}));
  CHECK(value_of("1e-5") == ScalarValue(1e-5));
  CHECK(value_of("1.") == ScalarValue(1.0));
  CHECK(value_of("-.5") == ScalarValue(-0.5));
  CHECK(value_of("1E6") == ScalarValue(1e6));
  CHECK(value_of("true") == ScalarValue(true));
  CHECK(value_of("False") == ScalarValue(false));
  for (const char* null : {"null", "~", "", "Null"}) CHECK(value_of(null) == ScalarValue());
}

TEST_CASE("What is a string") {
  for (const char* text :
       {"yes", "no", "on", "off",   "y", "'7'", "\"true\"", "'null'", "1_000", "1:30",
        "0b1", "0x", "1e", "1.2.3", ".", "+",   "tRue",     "inf",    "nan",   "1 2"}) {
    INFO(text);
    CHECK(is_string(text));
  }
}

TEST_CASE("Numbers out of range") {
  CHECK(value_of("9223372036854775807") == ScalarValue(INT64_MAX));
  CHECK(value_of("-9223372036854775808") == ScalarValue(INT64_MIN));
  for (const char* text : {"9223372036854775808", "-9223372036854775809", "0xFFFFFFFFFFFFFFFF",
                           "99999999999999999999999999"}) {
    INFO(text);
    CHECK_THAT(message_of([&] { value_of(text); }), holds("t:1:4: ") && holds("64 bits"));
  }
  CHECK_THAT(message_of([] { value_of("1e999"); }), holds("double's range"));
  for (const char* text : {".inf", "-.INF", ".nan"}) {
    CHECK_THAT(message_of([&] { value_of(text); }), holds("finite"));
  }
  CHECK_THAT(message_of([] { value_of("[1]"); }), holds("a list"));
}
