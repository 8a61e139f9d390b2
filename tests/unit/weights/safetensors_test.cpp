#include "weights/safetensors.hpp"

#include <cstring>
#include <string>
#include <vector>

#include "catch.hpp"
#include "weights_files.hpp"

using namespace weights_test;
using sirocco::parse_safetensors_header;
using sirocco::SafetensorsFile;
using sirocco::TensorRecord;

namespace {

using Metadata = std::map<std::string, std::string>;

std::vector<TensorRecord> parse(const std::string& bytes, Metadata* metadata = nullptr) {
  return parse_safetensors_header(as_bytes(bytes), "F", metadata);
}

/// The refusal of a file with this header and so much data.
std::string refusal(std::string_view header, std::size_t data_bytes = 0) {
  return error_of([&] { parse(safetensors_bytes(header, data_bytes)); });
}

/// The refusal of a header with one tensor of this description, and 8 bytes of data.
std::string tensor_refusal(const std::string& description) {
  return refusal("{\"w\":" + description + "}", 8);
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a header becomes records in name order with offsets in the file") {
  const std::string header = R"({"__metadata__":{"format":"pt","note":"\u00e9"},)"
                             R"("b":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
                             R"("a":{"data_offsets":[8,14],"shape":[3],"dtype":"BF16"},)"
                             R"("empty":{"dtype":"I64","shape":[0,4],"data_offsets":[8,8]},)"
                             R"("scalar":{"dtype":"U8","shape":[],"data_offsets":[14,15]}}  )";
  Metadata metadata{{"stale", "entry"}};
  const auto records = parse(safetensors_bytes(header, 15), &metadata);
  const std::uint64_t data = 8 + header.size();
  REQUIRE(records.size() == 4);
  CHECK(records[0].name == "a");
  CHECK(records[0].dtype == SIROCCO_DTYPE_BF16);
  CHECK(records[0].shape == std::vector<std::int64_t>{3});
  CHECK(records[0].offset == data + 8);
  CHECK(records[0].bytes == 6);
  CHECK(records[1].name == "b");
  CHECK(records[1].shape == std::vector<std::int64_t>{2, 1});
  CHECK(records[1].offset == data);
  CHECK(records[1].bytes == 8);
  CHECK(records[2].name == "empty");
  CHECK(records[2].bytes == 0);
  CHECK(records[3].shape.empty());
  CHECK(records[3].bytes == 1);
  CHECK(metadata == Metadata{{"format", "pt"}, {"note", "\u00e9"}});
}

TEST_CASE("every dtype is known with its size") {
  const std::vector<std::tuple<std::string, sirocco_dtype, std::uint64_t>> dtypes{
      {"BOOL", SIROCCO_DTYPE_BOOL, 1},       {"U8", SIROCCO_DTYPE_U8, 1},
      {"I8", SIROCCO_DTYPE_I8, 1},           {"F8_E5M2", SIROCCO_DTYPE_F8_E5M2, 1},
      {"F8_E4M3", SIROCCO_DTYPE_F8_E4M3, 1}, {"I16", SIROCCO_DTYPE_I16, 2},
      {"U16", SIROCCO_DTYPE_U16, 2},         {"F16", SIROCCO_DTYPE_F16, 2},
      {"BF16", SIROCCO_DTYPE_BF16, 2},       {"I32", SIROCCO_DTYPE_I32, 4},
      {"U32", SIROCCO_DTYPE_U32, 4},         {"F32", SIROCCO_DTYPE_F32, 4},
      {"F64", SIROCCO_DTYPE_F64, 8},         {"I64", SIROCCO_DTYPE_I64, 8},
      {"U64", SIROCCO_DTYPE_U64, 8}};
  for (const auto& [name, dtype, size] : dtypes) {
    CAPTURE(name);
    const std::string header = R"({"w":{"dtype":")" + name + R"(","shape":[3],"data_offsets":[0,)" +
                               std::to_string(3 * size) + "]}}";
    const auto records = parse(safetensors_bytes(header, 3 * size));
    REQUIRE(records.size() == 1);
    CHECK(records[0].dtype == dtype);
    CHECK(records[0].bytes == 3 * size);
  }
}

TEST_CASE("a file without tensors is valid") {
  CHECK(parse(safetensors_bytes("{}", 0)).empty());
  CHECK(parse(safetensors_bytes(R"({"__metadata__":{}})", 0)).empty());
}

TEST_CASE("data may start at any byte, and aligned() tells") {
  const std::string description = R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  for (std::size_t pad = 0; pad < 8; ++pad) {
    const auto records = parse(safetensors_bytes(description + std::string(pad, ' '), 4));
    const std::size_t offset = 8 + description.size() + pad;
    REQUIRE(records[0].offset == offset);
    CHECK(aligned(records[0], 4) == (offset % 4 == 0));
    CHECK(aligned(records[0], 1));
  }
}

TEST_CASE("eight dims are accepted, nine refused") {
  CHECK(parse(safetensors_bytes(
                  R"({"w":{"dtype":"U8","shape":[1,1,1,1,1,1,1,8],"data_offsets":[0,8]}})", 8))
            .at(0)
            .shape.size() == 8);
  CHECK(tensor_refusal(R"({"dtype":"U8","shape":[1,1,1,1,1,1,1,1,8],"data_offsets":[0,8]})") ==
        "F: tensor 'w': shape has more than 8 dims");
}

TEST_CASE("a wrong length is refused before anything is read") {
  CHECK(error_of([] { parse(""); }) ==
        "F: is 0 bytes long; a safetensors file starts with 8 bytes of header length");
  CHECK(contains(error_of([] { parse("1234567"); }), "is 7 bytes long"));
  CHECK(error_of([] { parse(little_endian_u64(3) + "{}"); }) ==
        "F: byte 0: the header length is 3, but only 2 bytes follow; the file is truncated or not "
        "safetensors");
  CHECK(contains(error_of([] { parse(little_endian_u64((100ull << 20) + 1) + "{}"); }),
                 "the header length is 104857601, above the limit of 104857600"));
  CHECK(contains(error_of([] { parse(little_endian_u64(UINT64_MAX) + "{}"); }),
                 "18446744073709551615, above the limit"));
  CHECK(error_of([] { parse(little_endian_u64(0)); }) ==
        "F: byte 8: the header must begin with '{'");
}

TEST_CASE("a header that is not a JSON object is refused where it breaks") {
  CHECK(refusal(" {}") == "F: byte 8: the header must begin with '{'");
  CHECK(refusal("[]") == "F: byte 8: the header must begin with '{'");
  CHECK(refusal("\xef\xbb\xbf{}") == "F: byte 8: the header must begin with '{'");
  CHECK(contains(refusal("{\"a\""), "F: byte 12: the header is not valid JSON: syntax error"));
  CHECK(contains(refusal("{}x"), "F: byte 10: the header is not valid JSON"));
  CHECK(contains(refusal("{} {}"), "not valid JSON"));
  CHECK(contains(refusal("{/* no */}"), "not valid JSON"));
  CHECK(contains(refusal("{\"\xff\":{}}"), "not valid JSON"));
  CHECK(contains(refusal(R"({"\ud800":{}})"), "not valid JSON"));
  CHECK(refusal(std::string("{}\0\0", 4)) ==
        "F: byte 10: the header is not valid JSON: a NUL byte");
}

TEST_CASE("messages show hostile bytes escaped and cut") {
  const std::string message = refusal("{\"" + std::string(10000, 'n') + "\":1}");
  CHECK(message.size() < 400);
  CHECK(refusal("{\"a\\u001b[2J\":1}") ==
        "F: the tensor name 'a\\x1b[2J' contains a control character");
  for (const char c : refusal("{\"x\x1b\x9b\":")) CHECK(static_cast<unsigned char>(c) < 0x7f);
}

TEST_CASE("nesting is refused at the first foreign bracket") {
  CHECK(refusal(R"({"w":)" + std::string(1 << 20, '[')) ==
        "F: tensor 'w': must be an object with dtype, shape and data_offsets, not an array");
  std::string objects = "{";
  for (int i = 0; i < 100000; ++i) objects += "\"a\":{";
  CHECK(contains(refusal(objects), "tensor 'a': has the unknown key 'a'"));
  CHECK(tensor_refusal(R"({"shape":[[2]]})") ==
        "F: tensor 'w': shape must hold non-negative integers, not an array");
  CHECK(contains(tensor_refusal(R"({"dtype":{"a":1}})"), "dtype must be a string, not an object"));
  CHECK(contains(tensor_refusal(R"({"dtype":["F32"]})"), "dtype must be a string, not an array"));
  CHECK(contains(refusal(R"({"__metadata__":{"a":{}}})"), "'a' must be a string, not an object"));
}

TEST_CASE("duplicate keys are refused on every level") {
  const std::string w = R"("w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  CHECK(refusal("{" + w + "," + w + "}") == "F: tensor 'w' appears twice in the header");
  CHECK(refusal("{" + w + R"(,"\u0077":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})") ==
        "F: tensor 'w' appears twice in the header");
  CHECK(tensor_refusal(R"({"dtype":"U8","dtype":"U8"})") == "F: tensor 'w': dtype appears twice");
  CHECK(tensor_refusal(R"({"shape":[8],"shape":[8]})") == "F: tensor 'w': shape appears twice");
  CHECK(tensor_refusal(R"({"data_offsets":[0,8],"data_offsets":[0,8]})") ==
        "F: tensor 'w': data_offsets appears twice");
  CHECK(refusal(R"({"__metadata__":{},"__metadata__":{}})") ==
        "F: __metadata__ appears twice in the header");
  CHECK(refusal(R"({"__metadata__":{"k":"1","k":"2"}})") ==
        "F: __metadata__: the key 'k' appears twice");
}

TEST_CASE("metadata that is not string to string is refused") {
  CHECK(refusal(R"({"__metadata__":7})") == "F: __metadata__ must be an object, not the number 7");
  CHECK(refusal(R"({"__metadata__":null})") == "F: __metadata__ must be an object, not null");
  CHECK(refusal(R"({"__metadata__":{"a":1}})") ==
        "F: __metadata__: 'a' must be a string, not the number 1");
  CHECK(refusal(R"({"__metadata__":{"a":true}})") ==
        "F: __metadata__: 'a' must be a string, not a boolean");
  CHECK(refusal(R"({"__metadata__":[]})") == "F: __metadata__ must be an object, not an array");
}

TEST_CASE("a tensor needs exactly dtype, shape and data_offsets") {
  CHECK(tensor_refusal("{}") == "F: tensor 'w': has no dtype");
  CHECK(tensor_refusal(R"({"dtype":"U8","data_offsets":[0,8]})") == "F: tensor 'w': has no shape");
  CHECK(tensor_refusal(R"({"dtype":"U8","shape":[8]})") == "F: tensor 'w': has no data_offsets");
  CHECK(tensor_refusal(R"({"stride":[1]})") ==
        "F: tensor 'w': has the unknown key 'stride'; dtype, shape and data_offsets were expected");
  CHECK(contains(tensor_refusal(R"("F32")"), "not the string 'F32'"));
}

TEST_CASE("wrong dtypes are refused") {
  CHECK(tensor_refusal(R"({"dtype":"F33"})") == "F: tensor 'w': the dtype 'F33' is not known");
  CHECK(contains(tensor_refusal(R"({"dtype":"f32"})"), "the dtype 'f32' is not known"));
  CHECK(contains(tensor_refusal(R"({"dtype":""})"), "the dtype '' is not known"));
  CHECK(contains(tensor_refusal(R"({"dtype":1})"), "dtype must be a string, not the number 1"));
  CHECK(contains(tensor_refusal(R"({"dtype":null})"), "dtype must be a string, not null"));
}

TEST_CASE("wrong shapes are refused") {
  const auto shape = [](const std::string& text) {
    return tensor_refusal(R"({"dtype":"F32","data_offsets":[0,8],"shape":)" + text + "}");
  };
  CHECK(shape("[-2]") == "F: tensor 'w': shape must hold non-negative integers, not the number -2");
  CHECK(contains(shape("[-0]"), "must hold non-negative integers"));
  CHECK(contains(shape("[2.0]"), "not the number 2.0"));
  CHECK(contains(shape("[2e0]"), "not the number 2e0"));
  CHECK(contains(shape("[\"2\"]"), "not the string '2'"));
  CHECK(contains(shape("[null]"), "not null"));
  CHECK(contains(shape("2"), "shape must be an array of non-negative integers, not the number 2"));
  CHECK(contains(shape("{}"), "shape must be an array"));
  CHECK(contains(shape("[18446744073709551615]"), "is above the largest int64"));
  CHECK(contains(shape("[18446744073709551616]"), "not the number 18446744073709551616"));
  CHECK(contains(shape("[1e999]"), "not valid JSON"));
  // 2^62 × 4 bytes, and 2^64 which wraps to 0.
  CHECK(contains(shape("[4611686018427387904]"), "overflows"));
  CHECK(contains(shape("[4294967296,4294967296]"), "overflows"));
  // Empty, but a consumer's partial product would overflow.
  CHECK(contains(shape("[4294967296,4294967296,0]"), "overflows"));
  CHECK(contains(shape("[0,4294967296,4294967296]"), "overflows"));
  CHECK(shape("[3]") ==
        "F: tensor 'w': its data_offsets [0, 8] hold 8 bytes, but its shape and dtype need 12");
}

TEST_CASE("wrong data_offsets are refused") {
  const auto offsets = [](const std::string& text) {
    return tensor_refusal(R"({"dtype":"U8","shape":[8],"data_offsets":)" + text + "}");
  };
  CHECK(offsets("[]") == "F: tensor 'w': data_offsets must hold two integers, not 0");
  CHECK(offsets("[0]") == "F: tensor 'w': data_offsets must hold two integers, not 1");
  CHECK(offsets("[0,8,8]") == "F: tensor 'w': data_offsets must hold two integers, not more");
  CHECK(contains(offsets("[-8,0]"), "must hold two non-negative integers, not the number -8"));
  CHECK(contains(offsets("[0,8.0]"), "not the number 8.0"));
  CHECK(contains(offsets("[0,\"8\"]"), "not the string '8'"));
  CHECK(contains(offsets("8"), "data_offsets must be an array"));
  CHECK(offsets("[8,0]") == "F: tensor 'w': its data_offsets [8, 0] end before they begin");
  CHECK(contains(offsets("[0,9]"), "hold 9 bytes, but its shape and dtype need 8"));
  CHECK(offsets("[4,12]") ==
        "F: tensor 'w': its data_offsets [4, 12] go beyond the 8 bytes of data in the file, which "
        "is truncated or damaged; fetch it again");
  CHECK(contains(offsets("[18446744073709551607,18446744073709551615]"), "go beyond"));
  CHECK(contains(offsets("[0,18446744073709551616]"), "not the number 18446744073709551616"));
}

TEST_CASE("ranges must tile the data exactly") {
  const auto two = [](const std::string& a, const std::string& b, std::size_t data_bytes) {
    return refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + a +
                       R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + b + "}}",
                   data_bytes);
  };
  CHECK(two("[0,4]", "[4,8]", 8) == "");
  CHECK(two("[4,8]", "[0,4]", 8) == "");
  CHECK(two("[0,4]", "[3,7]", 7) ==
        "F: tensor 'b': its data_offsets [3, 7] overlap those of tensor 'a', [0, 4]");
  CHECK(contains(two("[0,4]", "[0,4]", 4), "overlap"));
  CHECK(two("[0,4]", "[5,9]", 9) ==
        "F: tensor 'b': its data_offsets [5, 9] leave bytes 4 to 5 of the data without a tensor");
  CHECK(contains(two("[1,5]", "[5,9]", 9), "leave bytes 0 to 1"));
  CHECK(two("[0,4]", "[4,8]", 9) ==
        "F: the tensors end at byte 8 of the data, but there are 9 bytes of data");
  CHECK(refusal("{}", 1) ==
        "F: the tensors end at byte 0 of the data, but there are 1 bytes of data");
  // An empty tensor inside another one's range.
  CHECK(contains(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                         R"("b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}})",
                         4),
                 "overlap"));
}

TEST_CASE("names with control characters are refused, others kept as they are") {
  for (const char* name : {R"(a\u0000b)", R"(a\nb)", R"(\u007f)", R"(\u0085)"}) {
    CAPTURE(name);
    CHECK(contains(refusal("{\"" + std::string(name) +
                           R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})"),
                   "contains a control character"));
  }
  for (const std::string name : {"", "é", "a b/c.weight", "层"}) {
    CAPTURE(name);
    const auto records = parse(safetensors_bytes(
        "{\"" + name + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})", 0));
    CHECK(records.at(0).name == name);
  }
}

TEST_CASE("a header of many tensors is read in one pass") {
  std::string header = "{";
  constexpr int kCount = 50000;
  for (int i = 0; i < kCount; ++i) {
    header += (i == 0 ? "\"t" : ",\"t") + std::to_string(i) +
              R"(":{"dtype":"U8","shape":[1],"data_offsets":[)" + std::to_string(i) + "," +
              std::to_string(i + 1) + "]}";
  }
  CHECK(parse(safetensors_bytes(header + "}", kCount)).size() == kCount);
}

TEST_CASE("no truncation of a valid file is accepted, and none crashes") {
  const std::string bytes = safetensors_bytes(
      R"({"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8);
  REQUIRE(parse(bytes).size() == 1);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    // A heap block of the exact size, so that the address sanitizer sees a read past the end.
    const std::vector<char> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(error_of([&] {
            parse_safetensors_header(as_bytes({cut.data(), cut.size()}), "F", nullptr);
          }) != "");
  }
}

TEST_CASE("any single changed byte of the header is accepted or refused, never worse") {
  const std::string good =
      safetensors_bytes(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8);
  int refused = 0;
  for (std::size_t at = 0; at + 8 < good.size(); ++at) {
    for (const int change : {0x01, 0x20, 0x80, 0xff}) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(bytes[at] ^ change);
      const std::string message = error_of([&] { parse(bytes); });
      CHECK_FALSE(contains(message, "WRONG KIND"));
      if (message != "") ++refused;
    }
  }
  CHECK(refused > 100);
}

TEST_CASE("a file is mapped, its tensors found and read in place") {
  const TempDir dir;
  const std::string bytes = safetensors_bytes(
      R"({"__metadata__":{"k":"v"},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
      R"("a":{"dtype":"U8","shape":[3],"data_offsets":[2,5]}})",
      5);
  write_file(dir / "f.safetensors", bytes);
  SafetensorsFile opened = SafetensorsFile::open(dir / "f.safetensors");
  const TensorRecord* before = opened.find("a");
  const SafetensorsFile file = std::move(opened);
  REQUIRE(file.find("a") == before);
  REQUIRE(file.tensors().size() == 2);
  CHECK(file.tensors()[0].name == "a");
  CHECK(file.find("c") == nullptr);
  CHECK(file.find("") == nullptr);
  CHECK(file.metadata().at("k") == "v");
  CHECK(std::memcmp(file.data(*file.find("a")), "\2\3\4", 3) == 0);
  CHECK(std::memcmp(file.data(*file.find("b")), "\0\1", 2) == 0);
  CHECK(file.file().size() == bytes.size());
}

TEST_CASE("errors about a file name it") {
  const TempDir dir;
  const std::string path = (dir / "f.safetensors").string();
  const auto open = [&] { return error_of([&] { SafetensorsFile::open(path); }); };
  CHECK(open() == path + ": cannot be opened: No such file or directory");
  write_file(path, "");
  CHECK(contains(open(), path + ": is 0 bytes long"));
  write_file(path, "GGUF and then something else");
  CHECK(contains(open(), path + ": byte 0: the header length is "));
}
