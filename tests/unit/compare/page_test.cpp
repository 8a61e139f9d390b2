#include "compare/page.hpp"

#include <filesystem>
#include <fstream>

#include <stdlib.h>

#include <sirocco/error.hpp>

#include "catch.hpp"

using namespace sirocco;

namespace {

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "page-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  void write(const char* name, const std::string& text) const {
    std::ofstream(path / name) << text;
  }
  std::filesystem::path path;
};

std::string problem(const Folder& folder) {
  try {
    read_page(folder.path);
  } catch (const Error& e) {
    CHECK(e.kind() == ErrorKind::failure);
    return e.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("a page holds its files as elements of their kind") {
  const Folder folder;
  folder.write("page.html", "<!-- include a.css --><p><!-- include b.js -->\n<!-- report -->");
  folder.write("a.css", "p{}\n");
  folder.write("b.js", "const end = \"</script>\";\n");
  CHECK(read_page(folder.path) ==
        "<style>\np{}\n</style><p><script>\nconst end = \"<\\/script>\";\n</script>\n"
        "<!-- report -->");
}

TEST_CASE("what a page lacks is named") {
  const Folder folder;
  CHECK(problem(folder).find("page.html") != std::string::npos);
  folder.write("page.html", "<!-- include d3.js -->");
  CHECK(problem(folder).find("d3.js") != std::string::npos);
  CHECK(problem(folder).find("node-d3-scale") != std::string::npos);
  folder.write("d3.js", "");
  CHECK(problem(folder).find("d3.js") != std::string::npos);
  folder.write("page.html", "<!-- include d3.js");
  CHECK(problem(folder).find("does not end") != std::string::npos);
  CHECK_THROWS_AS(fill_page("<p>", {}), Error);
}

TEST_CASE("no text of a report can leave its element") {
  const nlohmann::ordered_json report = {
      {"label", "</script><!-- \xe2\x80\xa8 \xff"}, {"none", nullptr}, {"n", 0.1}};
  CHECK(fill_page("<p><!-- report --></p>", report) ==
        "<p><script type=\"application/json\" id=\"report\">"
        "{\"label\":\"\\u003c/script>\\u003c!-- \\u2028 \\ufffd\",\"none\":null,\"n\":0.1}"
        "</script></p>");
}
