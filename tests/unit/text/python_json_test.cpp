// JSON as Python writes it; what a template's recorded requests do not reach.

#include "catch.hpp"

#include "text/python_json.hpp"

using namespace sirocco;

TEST_CASE("numbers are written as Python writes them") {
  const auto same = [](const std::string& text) { return python_json(text) == text; };
  for (const char* text : {"0", "-1", "18446744073709551616", "-9223372036854775809", "1.5", "-0.0",
                           "1e+16", "1e-05", "0.0001", "1e+300", "123456789.125", "5e-324"})
    CHECK(same(text));
  CHECK(python_json("1.0e5") == "100000.0");
  CHECK(python_json("1e15") == "1000000000000000.0");
  CHECK(python_json("1E16") == "1e+16");
  CHECK(python_json("0.00001") == "1e-05");
  CHECK(python_json("-0") == "0");
}

TEST_CASE("strings keep their characters and escape what JSON must") {
  CHECK(python_json("\"\\u00e9 \\ud83d\\ude00 \\/\"") == "\"\xC3\xA9 \xF0\x9F\x98\x80 /\"");
  CHECK(python_json_string("\"\\\n\r\t\b\f\x01\x1f\x7f") ==
        "\"\\\"\\\\\\n\\r\\t\\b\\f\\u0001\\u001f\x7f\"");
}

TEST_CASE("spaces, empty values, and the last of equal keys") {
  CHECK(python_json("[1,[ ],{ },null,true,false]") == "[1, [], {}, null, true, false]");
  CHECK(python_json(R"({"b":1,"a":{"x":[]},"b":[2,3]})") == R"({"b": [2, 3], "a": {"x": []}})");
}

TEST_CASE("what is no JSON is nothing") {
  for (const char* text :
       {"", "{", "[1,]", "{\"a\"}", "nul", "1 2", "\"\\ud800\"", "\"\xFF\"", "01"})
    CHECK_FALSE(python_json(text));
  CHECK(python_json(std::string(200, '[') + std::string(200, ']')));
  CHECK_FALSE(python_json(std::string(201, '[') + std::string(201, ']')));
}
