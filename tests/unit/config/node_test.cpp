#include "config/node.hpp"

#include <sys/stat.h>

#include "catch.hpp"
#include "document_files.hpp"

using namespace sirocco;

namespace {

std::string error_of(const std::string& text, const YamlLimits& limits = {}) {
  return message_of([&] { parse_yaml(text, "t", limits); });
}

}  // namespace

TEST_CASE("A tree has kinds, places and quotes") {
  const YamlNode root = parse_yaml("a: 1\nb: [x, 'y', ~]\nc: |\n  text\nd:\n", "t");
  REQUIRE(root.is_map());
  REQUIRE(root.entries.size() == 4);
  CHECK(root.find("a")->scalar == "1");
  CHECK(root.find("a")->place.to_string() == "t:1:4");
  const YamlNode& list = *root.find("b");
  REQUIRE(list.is_sequence());
  REQUIRE(list.items.size() == 3);
  CHECK_FALSE(list.items[0].quoted);
  CHECK(list.items[1].quoted);
  CHECK(list.items[1].place.to_string() == "t:2:8");
  CHECK(list.items[2].is_null());
  CHECK(root.find("c")->scalar == "text\n");
  CHECK(root.find("c")->quoted);
  CHECK(root.find("d")->is_null());
  CHECK(root.find("e") == nullptr);
  CHECK(list.find("a") == nullptr);
  CHECK(root.entries[1].first.place.to_string() == "t:2:1");
}

TEST_CASE("An empty document is null; line ends and a byte order mark do not matter") {
  CHECK(parse_yaml("", "t").is_null());
  CHECK(parse_yaml("# only a comment\n", "t").is_null());
  CHECK(parse_yaml("\xEF\xBB\xBF"
                   "a: 1\r\nb: 2\r\n",
                   "t")
            .find("b")
            ->place.line == 2);
}

TEST_CASE("Aliases are expanded at the place of the alias") {
  const YamlNode root = parse_yaml("a: &x {k: [1, 2]}\nb: *x\nc: *x\n", "t");
  CHECK(root.find("b")->find("k")->items[1].scalar == "2");
  CHECK(root.find("b")->place.to_string() == "t:2:4");
  CHECK(root.find("c")->find("k")->items.size() == 2);
}

TEST_CASE("Alias bombs are refused") {
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before +
              repeated(", " + before, 8) + "]\n";
  }
  CHECK_THAT(error_of(laughs), holds("nodes once aliases are expanded"));

  SECTION("also with one large string") {
    const std::string text =
        "a: &a " + std::string(400'000, 'x') + "\nb: [" + repeated("*a, ", 100'000) + "]\n";
    CHECK_THAT(error_of(text), holds("nodes once aliases are expanded"));
  }
  SECTION("also through depth") {
    std::string text = "a0: &a0 [x]\n";
    for (int i = 1; i < 100; ++i) {
      text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" +
              std::to_string(i - 1) + "]\n";
    }
    CHECK_THAT(error_of(text), holds("nested more than 64 levels"));
  }
}

TEST_CASE("An alias within its own node is a cycle") {
  CHECK_THAT(error_of("a: &a [b, *a]"), holds("t:1:11: ") && holds("cycle"));
  CHECK_THAT(error_of("a: &a {b: {c: *a}}"), holds("cycle"));
  CHECK_THAT(error_of("a: *nowhere"), holds("t:1:4: not YAML"));
}

TEST_CASE("Deep nesting is refused before it can cost stack") {
  for (const char* piece : {"[", "{", "{a: ", "[a: ", "- ", "? ", "&a [", "[[", "[{", "[\n"}) {
    INFO(piece);
    CHECK_THAT(error_of(repeated(piece, 100'000)), holds("nested more than 64 levels"));
  }
  std::string indented;
  for (int i = 0; i < 1000; ++i) indented += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  CHECK_THAT(error_of(indented), holds("nested more than 64 levels"));

  const auto nested = [](int depth) { return repeated("[", depth) + repeated("]", depth); };
  CHECK(error_of(nested(64)).empty());
  CHECK_THAT(error_of(nested(65)), holds("t:1:65: "));
}

TEST_CASE("Limits on nodes and bytes") {
  YamlLimits limits;
  limits.max_nodes = 4;
  CHECK(error_of("[a, b, c]", limits).empty());
  CHECK_THAT(error_of("[a, b, c, d]", limits), holds("more than 4 nodes"));
  limits.max_bytes = 8;
  CHECK(error_of("abcdefgh", limits).empty());
  CHECK_THAT(error_of("abcdefghi", limits), holds("larger than 8 bytes"));
}

TEST_CASE("Duplicate, merged and complex keys") {
  CHECK_THAT(error_of("a: 1\nb: 2\na: 3\n"),
             holds("t:3:1: ") && holds("'a' is given twice") && holds("line 1"));
  CHECK_THAT(error_of("{a: 1, \"a\": 2}"), holds("given twice"));
  CHECK_THAT(error_of("b: &b {a: 1}\nc:\n  <<: *b\n"), holds("t:3:3: ") && holds("merge"));
  CHECK_THAT(error_of("? [a, b]\n: 1\n"), holds("expected a name"));
  CHECK_THAT(error_of("? {a: b}\n: 1\n"), holds("expected a name"));
  CHECK_THAT(error_of("~: 1\n"), holds("expected a name"));
}

TEST_CASE("Tags are refused") {
  CHECK_THAT(error_of("a: !!binary xyz"), holds("t:1:4: tag"));
  CHECK_THAT(error_of("a: !own {b: c}"), holds("'!own'"));
  CHECK_THAT(error_of("a: !!python/object [x]"), holds("tag"));
}

TEST_CASE("One document in a file") {
  CHECK(error_of("---\na: 1\n...\n").empty());
  CHECK_THAT(error_of("a: 1\n---\nb: 2\n"), holds("t:2:1: ") && holds("one document"));
  CHECK_THAT(error_of("a: 1\n...\nstray\n"), holds("one document"));
}

TEST_CASE("Text that is no UTF-8 or has control characters") {
  CHECK_THAT(error_of("a: \xFF"), holds("t:1:4: byte 0xFF is not UTF-8"));
  CHECK_THAT(error_of("a: b\nc: \xC0\xAF"), holds("t:2:4: "));
  CHECK_THAT(error_of("a: \xED\xA0\x80"), holds("not UTF-8"));      // a surrogate
  CHECK_THAT(error_of("a: \xF4\x90\x80\x80"), holds("not UTF-8"));  // beyond U+10FFFF
  CHECK_THAT(error_of("a: \xE2\x82"), holds("not UTF-8"));          // cut off
  CHECK_THAT(error_of(std::string("a\0b", 3)), holds("control character 0x00"));
  CHECK_THAT(error_of("a: \x1B[31m"), holds("control character 0x1B"));
  CHECK_THAT(error_of("a: \x04\nb: 1"), holds("control character 0x04"));
  CHECK_THAT(error_of(std::string("\xFF\xFE"
                                  "a\0",
                                  4)),
             holds("not UTF-8"));  // UTF-16
  CHECK(parse_yaml("a: é€😀", "t").find("a")->scalar == "é€😀");
}

TEST_CASE("A tab in the indentation") {
  CHECK_THAT(error_of("a:\n\tb: 1\n"), holds("t:2:1: a tab") && holds("expected spaces"));
  CHECK_THAT(error_of("a:\n  \tb: 1\n"), holds("t:2:3: a tab"));
  CHECK(error_of("a: 1\t# fine\n\t\nb: 2\n").empty());
}

TEST_CASE("Syntax errors have a place") {
  CHECK_THAT(error_of("a: [1, 2\nb: 3"), holds("not YAML"));
  CHECK_THAT(error_of("a: 'open"), holds("t:1:") && holds("not YAML"));
  CHECK_THAT(error_of("h: a ? b : c"), holds("t:1:10: ") && holds("needs quotes"));
}

TEST_CASE("Files that cannot be read") {
  DocumentFiles files;
  const auto error = [](const std::filesystem::path& file) {
    return message_of([&] { read_yaml(file); });
  };
  CHECK_THAT(error(files.folder() / "none.yaml"), holds("none.yaml: no such file"));
  CHECK_THAT(error(files.folder()), holds("is a folder"));
  CHECK_THAT(error(files.write("a.yaml", "a: [")), holds("a.yaml:1:"));
  // A pipe that nobody writes to would block for ever.
  const auto pipe = files.folder() / "pipe.yaml";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THAT(error(pipe), holds("no regular file"));
  const auto exact = files.write("exact.yaml", "#" + std::string((1 << 20) - 1, 'x'));
  CHECK(error(exact).empty());
  const auto large = files.write("large.yaml", "#" + std::string(1 << 20, 'x'));
  CHECK_THAT(error(large), holds("larger than 1048576 bytes") && holds("was not read"));
  CHECK(read_yaml(files.write("good.yaml", "a: 1")).find("a")->place.file.ends_with("good.yaml"));
}

TEST_CASE("Suggestions") {
  const std::vector<std::string> known = {"hidden_size", "n_layers", "window", "x"};
  CHECK(did_you_mean("hiden_size", known) == " (did you mean 'hidden_size'?)");
  CHECK(did_you_mean("Window", known) == " (did you mean 'window'?)");
  CHECK(did_you_mean("widnow", known) == " (did you mean 'window'?)");
  CHECK(did_you_mean("completely_else", known).empty());
  CHECK(did_you_mean("y", known).empty());
  CHECK(did_you_mean("", known).empty());
  CHECK(did_you_mean(std::string(1'000'000, 'a'), known).empty());
}

TEST_CASE("Messages carry no escape sequences of the document") {
  const std::string error = error_of("\"\\e[2J\": 1\n\"\\e[2J\": 2\n");
  CHECK_THAT(error, holds("given twice"));
  CHECK(error.find('\x1B') == std::string::npos);
  CHECK(error_of("a: !" + std::string(10'000, 'x') + " b").size() < 300);
}
