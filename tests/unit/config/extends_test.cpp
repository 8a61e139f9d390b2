#include "config/extends.hpp"

#include "catch.hpp"
#include "config/validate.hpp"
#include "document_files.hpp"

using namespace sirocco;

namespace {

const std::string kParent = R"(sirocco: topology/1
name: parent
layouts:
  hf: {config: config.json, weights: [model.safetensors]}
params:
  a: {type: int, default: 1}
  b: {type: int, default: 2}
  c: {type: int, default: 3}
graph:
  - h: tokens
outputs:
  x: h
  y: h
context: a
)";

}  // namespace

TEST_CASE("A topology extends another: maps by key, null removes, lists replace") {
  DocumentFiles files;
  files.write("parent.yaml", kParent);
  const TopologyDocument child = read_topology(files.write("child.yaml", R"(sirocco: topology/1
name: child
extends: parent
params:
  b: {type: float, default: 5}
  c: null
  d: {type: int, default: 4}
graph:
  - g: tokens
  - h: g
outputs:
  y: null
context: null
)"));
  CHECK(child.name == "child");
  CHECK(child.file == files.folder() / "child.yaml");
  CHECK(child.layouts.size() == 1);
  REQUIRE(child.params.size() == 3);
  CHECK(child.params[0].first == "a");
  CHECK(child.params[0].second.place.file == (files.folder() / "parent.yaml").string());
  CHECK(child.params[1].first == "b");
  CHECK(child.params[1].second.type == ParamType::number);
  CHECK(child.params[2].first == "d");
  CHECK(child.graph.size() == 2);
  CHECK(child.outputs.size() == 1);
  CHECK_FALSE(child.context.has_value());
}

TEST_CASE("A model's paths stay relative to the document that gives them") {
  DocumentFiles files;
  files.write(
      "base/base.yaml",
      "sirocco: model/1\nname: base\ncheckpoint: weights\ncontext: 8\nparams: {a: 1, b: 2}\n");
  const ModelDocument model = read_model(
      files.write("mine/mine.yaml",
                  "sirocco: model/1\nname: mine\nextends: ../base/base.yaml\nparams: {b: 3}\n"),
      {});
  CHECK(model.name == "mine");
  CHECK(*model.checkpoint == files.folder() / "base/weights");
  CHECK(model.context == 8);
  CHECK(find_named(model.params, "a")->scalar == "1");
  CHECK(find_named(model.params, "b")->scalar == "3");
}

TEST_CASE("A chain of several documents") {
  DocumentFiles files;
  files.write("d0.yaml", "sirocco: model/1\nname: d0\ncheckpoint: c\ncontext: 1\n");
  for (int i = 1; i < 9; ++i) {
    files.write("d" + std::to_string(i) + ".yaml", "sirocco: model/1\nname: d" + std::to_string(i) +
                                                       "\nextends: d" + std::to_string(i - 1) +
                                                       "\n");
  }
  CHECK(read_model(files.folder() / "d7.yaml", {}).context == 1);
  CHECK_THAT(message_of([&] { read_model(files.folder() / "d8.yaml", {}); }),
             holds("d1.yaml:3:10: 'extends' goes on for more than 8 documents"));
}

TEST_CASE("Cycles of extends") {
  DocumentFiles files;
  const auto error = [&](const std::string& name) {
    return message_of([&] { read_model(files.folder() / name, {}); });
  };
  files.write("self.yaml", "sirocco: model/1\nname: a\nextends: self.yaml\n");
  CHECK_THAT(error("self.yaml"), holds("self.yaml:3:10: 'extends' comes back to"));
  files.write("x.yaml", "sirocco: model/1\nname: x\nextends: y\n");
  files.write("y.yaml", "sirocco: model/1\nname: y\nextends: ./z.yaml\n");
  files.write("z.yaml", "sirocco: model/1\nname: z\nextends: ../" +
                            files.folder().filename().string() + "/x.yaml\n");
  CHECK_THAT(error("x.yaml"), holds("z.yaml:3:10: 'extends' comes back to"));
}

TEST_CASE("What else can be wrong with extends") {
  DocumentFiles files;
  files.write("parent.yaml", kParent);
  files.write("model.yaml", "sirocco: model/1\nname: m\ncheckpoint: c\n");
  files.write("broken.yaml", "sirocco: topology/1\nname: broken\nextends: parent\nprams: 1\n");
  const auto error = [&](const std::string& rest) {
    const auto file = files.write("t.yaml", "sirocco: topology/1\nname: t\n" + rest);
    return message_of([&] { read_topology(file, {}); });
  };
  CHECK(error("extends: parent\n").empty());
  CHECK_THAT(error("extends: nobody\n"), holds("t.yaml:3:10: there is no topology named 'nobody'"));
  CHECK_THAT(error("extends: prent\n"), holds("did you mean 'parent'?"));
  CHECK_THAT(error("extends: model.yaml\n"), holds("model.yaml:1:10: this document is a model"));
  CHECK_THAT(error("extends: [parent]\n"), holds("a list for 'extends'"));
  CHECK_THAT(error("extends: broken\n"), holds("broken.yaml:4:1: unknown key 'prams'"));
  // Errors of the child are found too, and what the parent gives may not all be taken away.
  CHECK_THAT(error("extends: parent\nparams: {b: {tpe: int}}\n"), holds("did you mean 'type'?"));
  CHECK_THAT(error("extends: parent\ngraph: null\n"), holds("'graph' is missing"));
  CHECK_THAT(error("graph: [{h: tokens}]\noutputs: {x: h}\nparams: {b: null}\n"),
             holds("null for 'b'"));
}
