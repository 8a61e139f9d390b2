#include "runtime/backend_text.hpp"

#include "catch.hpp"

#include <sirocco/error.hpp>

using namespace sirocco;

namespace {

std::string option(const BackendText& text, const std::string& key) {
  for (const auto& [name, value] : text.choice.options)
    if (name == key) return std::get<std::string>(value);
  return "(none)";
}

}  // namespace

TEST_CASE("a backend by name") {
  const BackendText text = parse_backend("some-name");
  CHECK(text.choice.name == "some-name");
  CHECK(!text.file);
  CHECK(!text.device_given);
  CHECK(text.choice.device == 0);
  CHECK(text.choice.options.empty());
}

TEST_CASE("a backend by file is called as the file is") {
  for (const std::string file : {"new.so", "./new.so", "folder/new.so", "/a/b.c/new.so"}) {
    const BackendText text = parse_backend(file);
    CHECK(text.file == std::filesystem::path(file));
    CHECK(text.choice.name == "new");
  }
}

TEST_CASE("options and a device in any order") {
  const BackendText text = parse_backend("x/new.so:lanes=8:3:path=/a/b=c:empty=");
  CHECK(text.file == std::filesystem::path("x/new.so"));
  CHECK(text.device_given);
  CHECK(text.choice.device == 3);
  CHECK(text.choice.options.size() == 3);
  CHECK(option(text, "lanes") == "8");
  CHECK(option(text, "path") == "/a/b=c");
  CHECK(option(text, "empty") == "");
}

TEST_CASE("texts that are no backend are refused, and say what one is") {
  for (const std::string bad : {"", ":", ":k=v", "a:", "a::1", "a:b", "a:=v", "a:-1", "a:1x",
                                "a:4096", "a:99999999999999999999", "a:k=1:k=2", "folder/"}) {
    INFO(bad);
    try {
      parse_backend(bad);
      FAIL("taken");
    } catch (const Error& e) {
      CHECK(e.kind() == ErrorKind::usage);
      CHECK(std::string(e.what()).find("'" + bad + "'") != std::string::npos);
      CHECK(std::string(e.what()).find(":KEY=VALUE") != std::string::npos);
    }
  }
}
