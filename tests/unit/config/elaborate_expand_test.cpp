#include "config/expand.hpp"

#include "catch.hpp"
#include "document_files.hpp"
#include "graph/attrs.hpp"
#include "graph_files.hpp"

using namespace sirocco;

namespace {

OpDef plugin_op(const std::string& decomposition) {
  return {.domain = "acme",
          .name = "block",
          .doc = "For tests.",
          .formula = "See its decomposition.",
          .inputs = {{.name = "x", .doc = "[.., D]"}, {.name = "bias", .optional = true}},
          .outputs = {"y", "z"},
          .attrs = {{.name = "twice", .type = SIROCCO_ATTR_BOOL, .fallback = false, .doc = "…"}},
          .infer =
              [](const InferContext& context) {
                return std::vector<TensorType>{*context.input(0), *context.input(0)};
              },
          .decomposition = decomposition,
          .provider = "acme"};
}

const std::string kGraph =
    "graph:\n"
    "  - h: embedding(tokens, emb)\n"
    "  - repeat: i in 1, L = layers.{i}\n"
    "    do:\n"
    "      - y, z: acme.block(h, twice=true)\n"
    "      - h: add(y, swiglu(z, h))\n"
    "outputs: {out: 'gather_rows(h, wanted)'}\n";

NodeId find_node(const Graph& graph, const std::string& path) {
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    if (graph.nodes[id].path == path) return id;
  }
  FAIL("no node " + path);
  return kNone;
}

void check_whole(const Graph& graph) {
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    for (const ValueId output : graph.nodes[id].outputs) {
      CHECK(graph.values.at(output).producer == id);
    }
    for (const ValueId input : graph.nodes[id].inputs) {
      if (input == kNone) continue;
      const Value& value = graph.values.at(input);
      if (value.kind == SIROCCO_VALUE_INTERNAL) CHECK(value.producer < id);
    }
  }
}

std::string error_of(const std::string& decomposition) {
  OpRegistry ops = OpRegistry::with_builtin_ops();
  ops.add(plugin_op(decomposition));
  Graph graph = build_graph(small_model(kGraph), ops, {});
  try {
    expand_node(graph, find_node(graph, "layers.0/y"), ops);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::plugin);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("A node becomes what its op is made of; its outputs stay the same values") {
  OpRegistry ops = OpRegistry::with_builtin_ops();
  ops.add(
      plugin_op("- a: silu(x)\n"
                "- when: twice\n  do:\n    - a: silu(a)\n"
                "- when: bias != null\n  do:\n    - a: add(a, bias)\n"
                "- return: a, gelu(mul(a, x))\n"));
  Graph graph = build_graph(small_model(kGraph), ops, {});
  const ValueId y = graph.find_value("layers.0/y");
  const ValueId z = graph.find_value("layers.0/z");
  const ValueId out = graph.outputs[0].value;
  const NodeId node = find_node(graph, "layers.0/y");
  const size_t values = graph.values.size();

  const NodeId composite = find_node(graph, "layers.0/h/swiglu");
  expand_node(graph, composite, ops);
  check_whole(graph);
  expand_node(graph, node, ops);
  check_whole(graph);

  std::string text;
  for (const Node& made : graph.nodes) text += made.path + "=" + made.op->name + " ";
  CHECK(text ==
        "h=embedding layers.0/y/a=silu layers.0/y=silu layers.0/y/mul=mul layers.0/z=gelu "
        "layers.0/h/swiglu/silu=silu layers.0/h/swiglu=mul layers.0/h=add out=gather_rows ");
  CHECK(graph.find_value("layers.0/y") == y);
  CHECK(graph.find_value("layers.0/z") == z);
  CHECK(graph.outputs[0].value == out);
  CHECK(graph.values.size() == values + 3);
  CHECK(graph.nodes[1].layer == 0);
  CHECK(graph.nodes[1].place.to_string() == graph.nodes[2].place.to_string());
}

TEST_CASE("A decomposition that is not the op is the plugin's error") {
  CHECK_THAT(error_of("- return: silu(x)\n"), holds("it gives 1 values, expected 2"));
  CHECK_THAT(error_of("- return: x, silu(x)\n"), holds("something that it did not make"));
  CHECK_THAT(error_of("- a: silu(x)\n- return: a, a\n"), holds("twice the same"));
  CHECK_THAT(error_of("- return: silu(x), cast(x, dtype='bf16')\n"),
             holds("it gives bf16 [T, 8], expected f32 [T, 8]"));
  CHECK_THAT(error_of("- return: silu(x), silu(tokens)\n"), holds("unknown name 'tokens'"));
  CHECK_THAT(error_of("- return: silu(x), silu(\n"), holds("the end here"));
  CHECK_THAT(error_of("- x: 1\n"), holds("decomposition of op acme.block"));
  CHECK_THAT(error_of("{"), holds("decomposition of op acme.block"));
}
