#include "config/elaborate.hpp"

#include "catch.hpp"
#include "document_files.hpp"
#include "graph/attrs.hpp"
#include "graph_files.hpp"

using namespace sirocco;

namespace {

Graph graph_of(const std::string& rest, const std::string& params = "") {
  const ResolvedModel model = small_model(rest, params);
  static const OpRegistry ops = OpRegistry::with_builtin_ops();
  return build_graph(model, ops, {});
}

std::string error_of(const std::string& rest, const std::string& params = "") {
  return message_of([&] { graph_of(rest, params); });
}

/// "layers.0/x = rms_norm(h, layers.0.norm)", a line a node.
std::string listing(const Graph& graph) {
  std::string text;
  for (const Node& node : graph.nodes) {
    text += node.path + " = " + node.op->full_name() + "(";
    for (const ValueId input : node.inputs) {
      if (text.back() != '(') text += ", ";
      text += input == kNone ? "null" : graph.values[input].name;
    }
    text += ")\n";
  }
  return text;
}

const std::string kEmbed = "graph:\n  - h: embedding(tokens, emb)\n";
const std::string kOut = "outputs: {out: 'gather_rows(h, wanted)'}\n";

}  // namespace

TEST_CASE("Loops, functions and rebinding become nodes with the names that a reader expects") {
  const Graph graph = graph_of(
      "functions:\n"
      "  f(x, L):\n"
      "    - g: silu(linear(x, L.w))\n"
      "    - return: mul(g, x)\n" +
      kEmbed +
      "  - repeat: i in 2, L = layers.{i}\n"
      "    do:\n"
      "      - x: rms_norm(h, L.norm, eps=1e-5)\n"
      "      - h: add(h, linear(x, L.w, bias=L.b))\n"
      "      - h: add(h, f(h, L))\n" +
      kOut);
  CHECK(listing(graph) ==
        "h = embedding(tokens, emb)\n"
        "layers.0/x = rms_norm(h, layers.0.norm)\n"
        "layers.0/h/linear = linear(layers.0/x, layers.0.w, null)\n"
        "layers.0/h#1 = add(h, layers.0/h/linear)\n"
        "layers.0/f/g/linear = linear(layers.0/h#1, layers.0.w, null)\n"
        "layers.0/f/g = silu(layers.0/f/g/linear)\n"
        "layers.0/f = mul(layers.0/f/g, layers.0/h#1)\n"
        "layers.0/h = add(layers.0/h#1, layers.0/f)\n"
        "layers.1/x = rms_norm(layers.0/h, layers.1.norm)\n"
        "layers.1/h/linear = linear(layers.1/x, layers.1.w, layers.1.b)\n"
        "layers.1/h#1 = add(layers.0/h, layers.1/h/linear)\n"
        "layers.1/f/g/linear = linear(layers.1/h#1, layers.1.w, null)\n"
        "layers.1/f/g = silu(layers.1/f/g/linear)\n"
        "layers.1/f = mul(layers.1/f/g, layers.1/h#1)\n"
        "layers.1/h = add(layers.1/h#1, layers.1/f)\n"
        "out = gather_rows(layers.1/h, wanted)\n");
  CHECK(graph.nodes[0].layer == -1);
  CHECK(graph.nodes[3].layer == 0);
  CHECK(graph.nodes[9].layer == 1);
  CHECK(graph.nodes[5].place.to_string().substr(0, 7) == "t.yaml:");
  CHECK(graph.outputs.at(0).name == "out");
  CHECK(graph.values[graph.outputs[0].value].type.to_string() == "f32 [R, 8]");
  REQUIRE(graph.weights.size() == 6);
  CHECK(graph.weights[1].file_name == "l.0.n");
  CHECK(graph.values[graph.weights[1].value].type.to_string() == "bf16 [8]");
  for (size_t id = 0; id < graph.nodes.size(); ++id) {
    for (const ValueId output : graph.nodes[id].outputs) {
      CHECK(graph.values[output].producer == id);
    }
  }
}

TEST_CASE("A value that a call gives takes the name it is bound to; an alias makes none") {
  const Graph graph = graph_of(
      "functions:\n  f(x):\n    - y: silu(x)\n    - return: y\n"
      "  two(x):\n    - return: silu(x), gelu(x)\n" +
      kEmbed + "  - r: h\n  - a: f(r)\n  - b: add(f(a), a)\n  - c, d: two(b)\n  - h: add(c, d)\n" +
      kOut);
  CHECK(listing(graph) ==
        "h#1 = embedding(tokens, emb)\n"
        "a = silu(h#1)\n"
        "f/y = silu(a)\n"
        "b = add(f/y, a)\n"
        "c = silu(b)\n"
        "d = gelu(b)\n"
        "h = add(c, d)\n"
        "out = gather_rows(h, wanted)\n");
}

TEST_CASE("Several outputs, variadic inputs and nested loops") {
  const Graph graph = graph_of(kEmbed +
                               "  - v, ids: top_k(h, k=2)\n"
                               "  - c: concat(v, silu(v), v, axis=1)\n"
                               "  - repeat: i in 1, L = layers.{i}\n"
                               "    do:\n"
                               "      - repeat: j in 2\n"
                               "        do:\n"
                               "          - h: linear(h, L.w)\n"
                               "  - repeat: j in 0\n"
                               "    do:\n"
                               "      - h: nonsense(h)\n" +
                               kOut);
  CHECK(listing(graph) ==
        "h = embedding(tokens, emb)\n"
        "v = top_k(h)\n"
        "c/silu = silu(v)\n"
        "c = concat(v, c/silu, v)\n"
        "layers.0/j.0/h = linear(h, layers.0.w, null)\n"
        "layers.0/j.1/h = linear(layers.0/j.0/h, layers.0.w, null)\n"
        "out = gather_rows(layers.0/j.1/h, wanted)\n");
  CHECK(graph.find_value("ids") == graph.nodes[1].outputs[1]);
  CHECK(graph.nodes[4].layer == 0);
  CHECK(graph.nodes[5].layer == 0);
}

TEST_CASE("Conditions choose statements, tensors and optional inputs") {
  const auto build = [](const std::string& big) {
    return listing(graph_of(kEmbed +
                                "  - when: big and n > 2\n"
                                "    do:\n      - h: silu(h)\n"
                                "    else:\n      - h: gelu(h)\n"
                                "  - h: \"linear(h, big ? layers.0.w : layers.1.w, bias=big ? "
                                "null : layers.1.b)\"\n" +
                                kOut,
                            "  big: {type: bool, default: " + big + "}\n"));
  };
  CHECK_THAT(build("true"), holds("= silu(h#1)\nh = linear(h#2, layers.0.w, null)\n"));
  CHECK_THAT(build("false"), holds("= gelu(h#1)\nh = linear(h#2, layers.1.w, layers.1.b)\n"));
}

TEST_CASE("States are made where they are used and grouped by their window") {
  const Graph graph = graph_of(kEmbed +
                               "  - repeat: i in n, L = layers.{i}\n"
                               "    do:\n"
                               "      - a: attention(h, h, h, state=kv[i - i % 2])\n" +
                               kOut);
  REQUIRE(graph.states.size() == 2);
  CHECK(graph.states[0].name == "kv[0]");
  CHECK(graph.states[1].name == "kv[2]");
  CHECK(graph.states[1].member == 1);
  CHECK(graph.states[1].heads == 2);
  CHECK(graph.states[1].v_dim == 4);
  REQUIRE(graph.groups.size() == 1);
  CHECK(graph.groups[0].name == "kv");

  const Graph mixed = graph_of(kEmbed +
                               "  - repeat: i in n, L = layers.{i}\n"
                               "    do:\n"
                               "      - a: \"attention(h, h, h, state=kv[i], window=i % 2 == 0 ? "
                               "null : 4)\"\n" +
                               kOut);
  REQUIRE(mixed.groups.size() == 2);
  CHECK(mixed.groups[0].name == "kv/full");
  CHECK(mixed.groups[0].window == 0);
  CHECK(mixed.groups[1].name == "kv/window=4");
  CHECK(mixed.states[1].group == 1);
  CHECK(mixed.states[1].member == 0);
  CHECK(mixed.states[2].member == 1);
  const AttrValue* window = mixed.nodes[2].find_attr("window");
  REQUIRE(window != nullptr);
  CHECK(attr_to_string(*window) == "4");
}

TEST_CASE("Activations take the dtype of the numerics, states the dtype asked for") {
  const ResolvedModel model = small_model(
      kEmbed + "  - h: attention(h, h, h, state=kv[0])\n  - c: cast(h, dtype='f32')\n" + kOut);
  const OpRegistry ops = OpRegistry::with_builtin_ops();
  GraphOptions options;
  options.numerics = SIROCCO_DTYPE_BF16;
  options.state_dtype = SIROCCO_DTYPE_F16;
  options.page_tokens = 32;
  const Graph graph = build_graph(model, ops, options);
  CHECK(graph.values[graph.nodes[0].outputs[0]].type.to_string() == "bf16 [T, 8]");
  CHECK(graph.values[graph.nodes[2].outputs[0]].type.to_string() == "f32 [T, 8]");
  CHECK(graph.groups[0].dtype == SIROCCO_DTYPE_F16);
  CHECK(graph.groups[0].page_tokens == 32);
}

TEST_CASE("Only a function that is the composite op to the letter becomes its node") {
  const auto build = [](const std::string& functions, const std::string& call) {
    const std::string head = functions.empty() ? "" : "functions:\n";
    return listing(graph_of(head + functions + kEmbed + "  - h: " + call + "\n" + kOut));
  };
  const std::string same = "  swiglu(a, b):\n    - return: mul(silu(a), b)\n";
  CHECK_THAT(build(same, "swiglu(h, h)"), holds("h = swiglu(h#1, h#1)\n"));
  CHECK_THAT(build(same, "swiglu(b=h, a=h)"), holds("h = swiglu(h#1, h#1)\n"));
  CHECK_THAT(build("  swiglu(a, b):\n    - return: mul(silu(b), a)\n", "swiglu(h, h)"),
             holds("h = mul("));
  CHECK_THAT(build("  swiglu(a, b):\n    - return: mul(gelu(a), b)\n", "swiglu(h, h)"),
             holds("swiglu/gelu = gelu(h#1)"));
  CHECK_THAT(build("  swiglu(a, b, c):\n    - return: mul(silu(a), b)\n", "swiglu(h, h, h)"),
             holds("h = mul("));
  CHECK_THAT(build("  other(a, b):\n    - return: mul(silu(a), b)\n", "other(h, h)"),
             holds("h = mul("));
  // A silu of one's own is not the op that the composite is made of.
  CHECK_THAT(build(same + "  silu(x):\n    - return: gelu(x)\n", "swiglu(h, h)"),
             holds("swiglu/silu = gelu(h#1)\nh = mul("));
  CHECK_THAT(build("", "swiglu(h, h)"), holds("h = swiglu(h#1, h#1)\n"));
}

TEST_CASE("Wrong statements are errors with their place") {
  const auto with = [](const std::string& statement) {
    return error_of(kEmbed + "  - x: " + statement + "\n" + kOut);
  };
  CHECK(with("linear(h, layers.0.w, bais=h)") ==
        "t.yaml:17:35: linear takes no 'bais' (did you mean 'bias'?)");
  CHECK_THAT(with("rms_nrm(h)"), holds("did you mean 'rms_norm'?"));
  CHECK_THAT(with("rms_norm(h, layers.0.norm)"), holds("attribute eps"));
  CHECK_THAT(with("rms_norm(h, layers.0.norm, eps='a')"), holds("attribute eps is string"));
  CHECK_THAT(with("rms_norm(h, layers.0.norm, eps=h)"), holds("is a tensor, expected a value"));
  CHECK_THAT(with("rms_norm(h, 3, eps=1)"), holds("is the integer 3, expected a tensor"));
  CHECK_THAT(with("linear(h, layers.1.b)"),
             holds("t.yaml:17:8: linear(x: f32 [T, 8], weight: bf16"));
  CHECK_THAT(with("linear(h, layers.0.b)"), holds("input weight is missing"));
  CHECK_THAT(with("linear(h, layers.1.w, layers.1.b, h)"), holds("linear takes 3 tensors"));
  CHECK_THAT(with("linear(h, layers.1.w, weight=layers.1.w)"), holds("given twice"));
  CHECK_THAT(with("silu(hh)"), holds("t.yaml:17:13: unknown name 'hh'"));
  CHECK_THAT(with("linear(h, layers.0.ww)"), holds("unknown name 'layers.0.ww'"));
  CHECK_THAT(with("linear(h, layers.01.w)"), holds("unknown name 'layers.01.w'"));
  CHECK_THAT(with("linear(h, layers.{i}.w)"), holds("unknown name"));
  CHECK_THAT(with("top_k(h, k=2)"), holds("this gives 2 values for 1 names"));
  CHECK_THAT(with("silu(top_k(h, k=2))"), holds("is 2 values, expected a tensor"));
  CHECK_THAT(with("attention(h, h, h, state=kv)"), holds("write kv[i]"));
  CHECK_THAT(with("attention(h, h, h, state=h)"), holds("is a tensor"));
  CHECK_THAT(with("h + h"), holds("'+' with a tensor, expected numbers"));
  CHECK_THAT(with("other.op(h)"), holds("unknown op or function 'other.op'"));
  CHECK_THAT(
      error_of(kEmbed + "  - repeat: i in h, L = layers.{i}\n    do:\n      - x: h\n" + kOut),
      holds("'repeat' over a tensor"));
  CHECK_THAT(error_of(kEmbed + "outputs: {out: 'h[0]'}\n"), holds("a tensor with an index"));
  CHECK_THAT(error_of(kEmbed + "outputs: {out: emb}\n"), holds("expected something that a node"));
  CHECK_THAT(error_of(kEmbed + "outputs: {out: dim}\n"), holds("expected a tensor"));
}

TEST_CASE("Functions check their calls and may not come back to themselves") {
  const auto with = [](const std::string& functions, const std::string& call) {
    return error_of("functions:\n" + functions + kEmbed + "  - x: " + call + "\n" + kOut);
  };
  const std::string f = "  f(x, L):\n    - return: linear(x, L.w)\n";
  CHECK_THAT(with(f, "f(h)"), holds("'f' lacks its argument 'L'"));
  CHECK_THAT(with(f, "f(h, 1, 2)"), holds("'f' takes 2 arguments"));
  CHECK_THAT(with(f, "f(h, M=1)"), holds("'f' takes no 'M'"));
  CHECK_THAT(with(f, "f(h, x=h)"), holds("'x' is given twice"));
  CHECK_THAT(with(f, "f(h, h)"), holds("unknown name 'L.w'"));
  CHECK_THAT(with("  f(x):\n    - return: g(x)\n  g(x):\n    - return: f(x)\n", "f(h)"),
             holds("function 'f' calls itself: f → g → f"));
  // Names of the caller are not seen.
  CHECK_THAT(with("  f(x):\n    - return: add(x, h)\n", "f(h)"), holds("unknown name 'h'"));
}

TEST_CASE("Missing and misshapen weights are named with what the file calls them") {
  ResolvedModel model = small_model(
      kEmbed + "  - repeat: i in n, L = layers.{i}\n    do:\n      - h: linear(h, L.w)\n" + kOut);
  const OpRegistry ops = OpRegistry::with_builtin_ops();
  auto weights = std::make_shared<ShapesOnly>();
  weights->shapes["e"] = {16, 8};
  model.weights = weights;
  CHECK(message_of([&] { build_graph(model, ops, {}); }) ==
        "shapes: 3 tensors of topology 'small' missing (layout hf): 'l.0.w', 'l.1.w', 'l.2.w'");
  weights->shapes["l.0.w"] = {8, 9};
  CHECK(message_of([&] { build_graph(model, ops, {}); }) ==
        "t.yaml:13:3: weight 'layers.0.w' should be [8, 8], but 'l.0.w' in shapes is [8, 9]");
  weights->shapes["l.0.w"] = {8, 8};
  weights->shapes["l.2.w"] = {9, 8};
  const std::string both = message_of([&] { build_graph(model, ops, {}); });
  CHECK_THAT(both, holds("1 tensor of topology 'small' missing (layout hf): 'l.1.w'\nt.yaml:13:3"));
  model.layout = "other";
  CHECK_THAT(message_of([&] { build_graph(model, ops, {}); }), holds("no name in layout 'other'"));
}

TEST_CASE("No small document makes a large graph, a long wait or a deep stack") {
  const std::string many = "  - repeat: a in 10000\n    do:\n";
  CHECK_THAT(error_of(kEmbed + many +
                      "      - repeat: b in 10000\n        do:\n          - h: silu(h)\n" + kOut),
             holds("more than 200000 nodes"));
  CHECK_THAT(error_of(kEmbed + many +
                      "      - repeat: b in 10000\n        do:\n          - r: h\n" + kOut),
             holds("too many steps"));
  CHECK_THAT(error_of(kEmbed + "  - repeat: a in 10001\n    do:\n      - r: h\n" + kOut),
             holds("expected an integer from 0 to 10000"));
  std::string doubling = "functions:\n  f0(x):\n    - return: x\n";
  std::string chain = "functions:\n  c0(x):\n    - return: x\n";
  for (int i = 1; i < 400; ++i) {
    const std::string n = std::to_string(i);
    const std::string m = std::to_string(i - 1);
    if (i < 60) doubling += "  f" + n + "(x):\n    - return: f" + m + "(f" + m + "(x))\n";
    chain += "  c" + n + "(x):\n    - return: c" + m + "(x)\n";
  }
  CHECK_THAT(error_of(doubling + kEmbed + "  - h: f59(h)\n" + kOut), holds("too many steps"));
  CHECK_THAT(error_of(chain + kEmbed + "  - h: c399(h)\n" + kOut), holds("nested too deeply"));
  const std::string name = repeated("n", 400);
  CHECK_THAT(error_of("functions:\n  f(x):\n    - " + name + ": silu(silu(x))\n    - return: " +
                      name + "\n  " + repeated("g", 200) + "(x):\n    - return: f(x)\n" + kEmbed +
                      "  - h: " + repeated("g", 200) + "(h)\n" + kOut),
             holds("more than 512 characters"));
}
