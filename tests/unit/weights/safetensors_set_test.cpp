#include "weights/safetensors_set.hpp"

#include <cstring>
#include <string>

#include "catch.hpp"
#include "weights/safetensors_index.hpp"
#include "weights_files.hpp"

using namespace weights_test;
using sirocco::parse_safetensors_index;
using sirocco::SafetensorsSet;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A shard with one-byte tensors of these names, valued 0, 1, ...
std::string shard(const std::vector<std::string>& names) {
  std::string header = "{";
  for (std::size_t i = 0; i < names.size(); ++i) {
    header += (i == 0 ? "\"" : ",\"") + names[i] +
              R"(":{"dtype":"U8","shape":[1],"data_offsets":[)" + std::to_string(i) + "," +
              std::to_string(i + 1) + "]}";
  }
  return safetensors_bytes(header + "}", names.size());
}

std::string index_refusal(const std::string& json) {
  return error_of([&] { parse_safetensors_index(json, "I"); });
}

std::string map_refusal(const std::string& map) {
  return index_refusal("{\"weight_map\":" + map + "}");
}

}  // namespace

TEST_CASE("an index is read, foreign keys skipped") {
  const auto map = parse_safetensors_index(
      R"( {"metadata":{"total_size":12,"deep":[[{"weight_map":{"x":1}}],null,1.5,true,"s"]},)"
      R"("weight_map":{"b":"2.safetensors","a":"1.safetensors"},"more":-1} )",
      "I");
  CHECK(map == sirocco::SafetensorsWeightMap{{"a", "1.safetensors"}, {"b", "2.safetensors"}});
  CHECK(parse_safetensors_index(R"({"weight_map":{}})", "I").empty());
}

TEST_CASE("an index of the wrong form is refused") {
  CHECK(contains(index_refusal(""), "I: byte 0: not valid JSON"));
  CHECK(contains(index_refusal("{"), "not valid JSON"));
  CHECK(contains(index_refusal("{}x"), "I: byte 2: not valid JSON"));
  CHECK(contains(index_refusal(std::string("{}\0", 3)), "I: byte 2: not valid JSON: a NUL byte"));
  CHECK(contains(index_refusal("{\"\xff\":1}"), "not valid JSON"));
  CHECK(index_refusal("[]") == "I: must be a JSON object, not an array");
  CHECK(index_refusal("7") == "I: must be a JSON object, not a number");
  CHECK(index_refusal("{}") == "I: has no weight_map; is it a safetensors index?");
  CHECK(index_refusal(R"({"x":{"weight_map":{}}})") ==
        "I: has no weight_map; is it a safetensors index?");
  CHECK(index_refusal(R"({"weight_map":{},"weight_map":{}})") ==
        "I: the key 'weight_map' appears twice");
  CHECK(index_refusal(R"({"metadata":1,"metadata":2})") == "I: the key 'metadata' appears twice");
  CHECK(map_refusal("[]") == "I: weight_map must be an object, not an array");
  CHECK(map_refusal("null") == "I: weight_map must be an object, not null");
  CHECK(map_refusal("\"x\"") == "I: weight_map must be an object, not a string");
}

TEST_CASE("index bombs are refused") {
  CHECK(index_refusal("{\"a\":" + std::string(1 << 20, '[')) ==
        "I: is nested deeper than 32 levels");
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  CHECK(index_refusal(objects) == "I: is nested deeper than 32 levels");
  CHECK(contains(index_refusal(std::string((64u << 20) + 1, ' ')),
                 "is 67108865 bytes long, above the limit of 67108864"));
}

TEST_CASE("a weight map holds one plain file name for each tensor") {
  CHECK(map_refusal(R"({"a":1})") ==
        "I: weight_map: the file of tensor 'a' must be a string, not a number");
  CHECK(map_refusal(R"({"a":["f"]})") ==
        "I: weight_map: the file of tensor 'a' must be a string, not an array");
  CHECK(map_refusal(R"({"a":{"f":"g"}})") ==
        "I: weight_map: the file of tensor 'a' must be a string, not an object");
  CHECK(map_refusal(R"({"a":"f","a":"g"})") == "I: weight_map: tensor 'a' appears twice");
  CHECK(map_refusal(R"({"a\n":"f"})") ==
        "I: weight_map: the tensor name 'a\\x0a' contains a control character");
  for (const char* name :
       {"", ".", "..", "../f", "/etc/passwd", "sub/f", "..\\\\f", "a\\u0000b", "a\\nb", "x..y"}) {
    CAPTURE(name);
    CHECK(contains(map_refusal("{\"a\":\"" + std::string(name) + "\"}"),
                   "which is not a plain file name beside the index"));
  }
}

TEST_CASE("a single file is a set of one") {
  const TempDir dir;
  write_file(dir / "m.safetensors", shard({"b", "a"}));
  const SafetensorsSet set = SafetensorsSet::open(dir / "m.safetensors");
  REQUIRE(set.files().size() == 1);
  CHECK(set.names().size() == 2);
  CHECK(set.names()[0] == "a");
  CHECK(set.total_bytes() == 2);
  CHECK(set.find("c") == nullptr);
  CHECK(*set.data("a") == std::byte{1});
  CHECK(set.path() == dir / "m.safetensors");
  CHECK(error_of([&] { set.at("c"); }) == (dir / "m.safetensors").string() + ": has no tensor 'c'");
  CHECK(error_of([&] { set.data("c"); }) != "");
}

TEST_CASE("the shards of an index are one set") {
  const TempDir dir;
  write_file(dir / "1.safetensors", shard({"c", "unmapped", "a"}));
  write_file(dir / "2.safetensors", shard({"b", "unmapped"}));
  write_file(dir / "m.index.json",
             R"({"weight_map":{"c":"1.safetensors","b":"2.safetensors","a":"1.safetensors"}})");
  SafetensorsSet opened = SafetensorsSet::open(dir / "m.index.json");
  const SafetensorsSet set = std::move(opened);
  REQUIRE(set.files().size() == 2);
  CHECK(std::vector<std::string_view>(set.names().begin(), set.names().end()) ==
        std::vector<std::string_view>{"a", "b", "c"});
  CHECK(set.total_bytes() == 3);
  CHECK(set.find("unmapped") == nullptr);
  REQUIRE(set.find("b") != nullptr);
  CHECK(set.find("b")->file == 1);
  CHECK(set.find("c")->file == 0);
  CHECK(set.tensors()[0].record->name == "a");
  CHECK(*set.data("a") == std::byte{2});
  CHECK(*set.data("b") == std::byte{0});
  CHECK(*set.data(*set.find("c")) == std::byte{0});
}

TEST_CASE("shards and index that disagree are refused") {
  const TempDir dir;
  const std::string index = (dir / "m.index.json").string();
  const std::string one = (dir / "1.safetensors").string();
  write_file(one, shard({"a"}));
  write_file(dir / "2.safetensors", shard({"b"}));
  const auto open = [&](const std::string& map) {
    write_file(index, "{\"weight_map\":" + map + "}");
    return error_of([&] { SafetensorsSet::open(index); });
  };
  const std::string both = R"({"a":"1.safetensors","b":"2.safetensors"})";
  REQUIRE(open(both) == "");

  CHECK(open(R"({"a":"3.safetensors"})") == (dir / "3.safetensors").string() +
                                                ": cannot be opened: No such file or directory\n" +
                                                "  (named in the weight_map of " + index + ")");
  CHECK(open(R"({"a":"1.safetensors","b":"1.safetensors"})") ==
        index + ": tensor 'b' is mapped to '1.safetensors', which does not hold it");

  const std::string whole = shard({"a"});
  write_file(one, std::string_view(whole).substr(0, whole.size() - 1));
  CHECK(contains(open(both), one + ": tensor 'a': its data_offsets [0, 1] go beyond"));
  CHECK(contains(open(both), "(named in the weight_map of " + index + ")"));
  write_file(one, "");
  CHECK(contains(open(both), one + ": is 0 bytes long"));

  write_file(one, shard({"a", "b"}));
  CHECK(open(both) == index + ": tensor 'b' is mapped to '2.safetensors', but '1.safetensors' " +
                          "holds one of that name as well");
  CHECK(open(R"({"a":"1.safetensors","b":"1.safetensors"})") == "");
}

TEST_CASE("a shard may be a link, as in download caches") {
  const TempDir dir;
  write_file(dir / "blob", shard({"a"}));
  std::filesystem::create_symlink("blob", dir / "1.safetensors");
  write_file(dir / "m.index.json", R"({"weight_map":{"a":"1.safetensors"}})");
  CHECK(SafetensorsSet::open(dir / "m.index.json").names().size() == 1);
}

TEST_CASE("a missing index and a folder are refused by name") {
  const TempDir dir;
  CHECK(contains(error_of([&] { SafetensorsSet::open(dir / "x.json"); }),
                 (dir / "x.json").string() + ": cannot be opened"));
  CHECK(contains(error_of([&] { SafetensorsSet::open(dir / ""); }), "is a directory"));
}
