#include "graph/op_docs.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "catch.hpp"
#include "graph_builders.hpp"

using namespace sirocco;
using namespace sirocco::test;

TEST_CASE("docs/ops.md is what the definitions say") {
  std::ifstream file(std::string(SIROCCO_SOURCE_DIR) + "/docs/ops.md", std::ios::binary);
  REQUIRE(file);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  INFO("docs/ops.md is out of date; write it again with: sirocco ops --markdown > docs/ops.md");
  CHECK(text == ops_markdown(builtin_ops()));
}

TEST_CASE("signatures show what may be left out") {
  CHECK(op_signature(builtin("linear")) == "linear(x, weight, bias?) -> y");
  CHECK(op_signature(builtin("concat")) == "concat(x..., axis=-1) -> y");
  CHECK(op_signature(builtin("rms_norm")) == "rms_norm(x, weight, eps: float) -> y");
  CHECK(op_signature(builtin("top_k")) == "top_k(x, k: int) -> values, indices");
}

TEST_CASE("one op's text has all of its parts") {
  const std::string text = op_text(builtin("swiglu"));
  for (const char* part : {"swiglu(gate, up) -> y", "gate / (1 + exp(-gate)) * up",
                           "    - return: mul(silu(gate), up)", "input  up: [.., D]", "version 1"})
    CHECK(text.find(part) != std::string::npos);
  CHECK(op_text(builtin("rope")).find("attr   rotary_dim (int or null, default null)") !=
        std::string::npos);
  CHECK(op_text(builtin("rope")).find("style (string: interleaved | half, required)") !=
        std::string::npos);
}

TEST_CASE("the list and the page name every op") {
  const std::string list = op_list(builtin_ops());
  const std::string page = ops_markdown(builtin_ops());
  const std::string json = ops_json(builtin_ops());
  for (const OpDef* op : builtin_ops().all()) {
    CHECK(list.find(op->name + " ") != std::string::npos);
    CHECK(page.find("\n## " + op->name + "\n") != std::string::npos);
    CHECK(json.find("\"name\": \"" + op->name + "\"") != std::string::npos);
  }
}

TEST_CASE("JSON holds defaults, choices and null") {
  const std::string rope = op_json(builtin("rope"));
  CHECK(rope.find("\"default\": null") != std::string::npos);
  CHECK(rope.find("\"interleaved\",") != std::string::npos);
  CHECK(rope.find("\"nullable\": true") != std::string::npos);
  CHECK(op_json(builtin("softmax")).find("\"default\": -1") != std::string::npos);
}

TEST_CASE("a plugin's op says whose it is, and odd bytes do no harm") {
  const OpDef op = {.domain = "test",
                    .name = "odd",
                    .doc = "\xff not UTF-8",
                    .formula = "y = x",
                    .outputs = {"y"},
                    .provider = "tester"};
  CHECK(op_text(op).find("from plugin tester") != std::string::npos);
  CHECK(op_json(op).find("\"provider\": \"tester\"") != std::string::npos);
}
