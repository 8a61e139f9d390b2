#include "config/schema.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "config/documents_schema.hpp"
#include "config/json_schema.hpp"
#include "config/topology_text.hpp"
#include "document_files.hpp"

using namespace sirocco;

namespace {

const schema::Table& leaf_table() {
  static const schema::Table table{
      .name = "leaf",
      .doc = "A leaf",
      .keys = {{"size", schema::integer(1, 8), "how large", true},
               {"mode", schema::choice({"fast", "slow"}), "how fast", false}}};
  return table;
}

const schema::Table& root_table() {
  static const schema::Table table{
      .name = "root",
      .doc = "A root",
      .keys = {
          {"leaf", schema::table(leaf_table), "one", false},
          {"leaves", schema::map_of(schema::kIdentifier, schema::table(leaf_table)), "many", false},
          {"ratio", schema::number(0, 1), "a share", false},
          {"on", schema::boolean(), "a switch", false},
          {"label", schema::nullable(schema::string()), "a text", false},
          {"either", schema::any_of({schema::list_of(schema::string(), 1), schema::string()}),
           "one or more", false}}};
  return table;
}

/// The messages for a document, one a line.
std::string errors_of(const std::string& text) {
  std::string out;
  for (const Diagnostic& found : schema::validate(parse_yaml(text, "t"), root_table(), false)) {
    out += found.to_string() + "\n";
  }
  return out;
}

void check_patterns(const schema::Format& format, const std::vector<std::string>& texts) {
  const std::regex pattern(format.pattern);
  for (const std::string& text : texts) {
    INFO(format.pattern << " on '" << text << "'");
    CHECK(format.matches(text) == std::regex_search(text, pattern));
  }
}

}  // namespace

TEST_CASE("A document that fits its table") {
  CHECK(
      errors_of("leaf: {size: 8, mode: fast}\nratio: 1\non: true\nlabel: null\neither: x").empty());
  CHECK(errors_of("leaves: {a: {size: 1}}\nratio: 0.5\nlabel: '7'\neither: [x, y]").empty());
}

TEST_CASE("Wrong types say what was expected, with the place") {
  CHECK(errors_of("on: yes") == "t:1:5: 'yes' for 'on', expected true or false\n");
  CHECK(errors_of("ratio: 1.5") ==
        "t:1:8: the number '1.5' for 'ratio', expected a number from 0 to 1\n");
  CHECK(errors_of("leaf: {size: 9}") ==
        "t:1:14: the integer '9' for 'size', expected an integer from 1 to 8\n");
  CHECK(errors_of("leaf: {size: 2.0}") ==
        "t:1:14: the number '2.0' for 'size', expected an integer from 1 to 8\n");
  CHECK(errors_of("leaf: {size: '2'}") ==
        "t:1:14: '2' for 'size', expected an integer from 1 to 8\n");
  CHECK_THAT(errors_of("label: 7"), holds("expected a string or null (") && holds("needs quotes"));
  CHECK(errors_of("leaf: [1]") ==
        "t:1:7: a list for 'leaf', expected a map that describes a leaf\n");
  CHECK(errors_of("leaves: 3") == "t:1:9: the integer '3' for 'leaves', expected a map\n");
  CHECK_THAT(errors_of("either: {a: b}"), holds("a map for 'either', expected a list or a string"));
  CHECK_THAT(errors_of("either: []"), holds("'either' is empty"));
  CHECK_THAT(errors_of("leaf: {size: 99999999999999999999}"), holds("beyond 64 bits"));
  CHECK_THAT(errors_of("ratio: .inf"), holds("finite"));
  CHECK_THAT(errors_of("- a"), holds("t:1:1: a list, expected a document that starts with"));
  CHECK_THAT(errors_of(""), holds("null, expected a document"));
}

TEST_CASE("Unknown keys and choices come with a suggestion") {
  CHECK(errors_of("leaf: {size: 1, mod: fast}") ==
        "t:1:17: unknown key 'mod' in this leaf (did you mean 'mode'?)\n");
  CHECK_THAT(errors_of("elsewhere: 1"), holds("unknown key 'elsewhere'") && holds("'ratio'"));
  CHECK_THAT(errors_of("leaf: {size: 1, mode: slwo}"),
             holds("expected 'fast' or 'slow' (did you mean 'slow'?)"));
  CHECK_THAT(errors_of("leaves: {a-b: {size: 1}}"),
             holds("key 'a-b' in 'leaves', expected a name"));
}

TEST_CASE("Every problem of a document is reported") {
  const std::string errors =
      errors_of("on: 1\nratio: x\nleaf: {mode: no}\nleaves: {a: 1, b: {}}\n");
  CHECK_THAT(errors, holds("t:1:5: ") && holds("t:2:8: ") && holds("t:3:14: ") &&
                         holds("'size' is missing from this leaf, expected an integer from 1 to 8: "
                               "how large") &&
                         holds("t:4:13: ") && holds("t:4:19: "));
  std::string many;
  for (int i = 0; i < 50'000; ++i) many += "k" + std::to_string(i) + ": 1\n";
  CHECK(schema::validate(parse_yaml(many, "t"), root_table(), false).size() == 200);
}

TEST_CASE("A format's pattern and its function agree") {
  const std::vector<std::string> texts = {"",
                                          "a",
                                          "a_1",
                                          "1a",
                                          "a b",
                                          "a, b",
                                          "a ,b",
                                          "a,,b",
                                          "a,",
                                          ",a",
                                          "a.b",
                                          "layers.{i}",
                                          "layers.{i}.wq",
                                          "{i}.a",
                                          "a.{}",
                                          "a.{1}",
                                          "a..b",
                                          "a.1",
                                          "f()",
                                          "f(x)",
                                          "f(x, y)",
                                          "f( x ,y )",
                                          "f(x y)",
                                          "f(x",
                                          "f x)",
                                          "1(x)",
                                          "i in n",
                                          "i  in  n",
                                          "in n",
                                          "i in ",
                                          "i on n",
                                          "a+b-c.d",
                                          "-a",
                                          ".a",
                                          std::string(64, 'a'),
                                          std::string(64, 'g'),
                                          std::string(63, 'a')};
  check_patterns(schema::kIdentifier, texts);
  check_patterns(schema::kIdentifierList, texts);
  check_patterns(schema::kKey, texts);
  check_patterns(schema::kSha256, texts);
  check_patterns(schema::kSlug, texts);
  check_patterns(kWeightName, texts);
  check_patterns(kSignature, texts);
  check_patterns(kRepeatHeader, {"i in n", "i in n, L = a", "i on n", "1 in n", " i in n", "in"});
}

TEST_CASE("The checked-in JSON Schemas are the generated ones") {
  for (const DocumentKind kind : document_kinds()) {
    const std::string file =
        std::string(SIROCCO_SOURCE_DIR) + "/configs/schema/" + kind_name(kind) + ".schema.json";
    const std::string generated = json_schema(kind);
    if (std::getenv("SIROCCO_UPDATE_SCHEMAS") != nullptr) std::ofstream(file) << generated;
    std::ifstream in(file);
    const std::string stored(std::istreambuf_iterator<char>(in), {});
    INFO(file << " is old: run this test with SIROCCO_UPDATE_SCHEMAS=1 to rewrite it");
    CHECK((stored == generated));  // in brackets: not both texts in the message
  }
}

TEST_CASE("JSON Schemas describe every key and resolve their references") {
  for (const DocumentKind kind : document_kinds()) {
    INFO(kind_name(kind));
    const auto schema = nlohmann::json::parse(json_schema(kind));
    CHECK(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema");
    CHECK(schema["properties"]["sirocco"]["enum"][0] == std::string(kind_name(kind)) + "/1");
    CHECK(schema["properties"].size() == document_table(kind).keys.size());
    const std::string text = schema.dump();
    const std::string prefix = "\"$ref\":\"#/$defs/";
    for (size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at + 1)) {
      const size_t begin = at + prefix.size();
      CHECK(schema["$defs"].contains(text.substr(begin, text.find('"', begin) - begin)));
    }
  }
}
