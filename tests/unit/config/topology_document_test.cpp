#include "config/topology_document.hpp"

#include "catch.hpp"
#include "config/documents.hpp"
#include "document_files.hpp"

using namespace sirocco;

namespace {

const std::string kTopology = R"(sirocco: topology/1
name: dense
layouts:
  hf: {config: config.json, weights: [model.safetensors, model.safetensors.index.json]}
params:
  dim: {type: int, min: 1, from: {config.json: hidden_size, gguf: "{arch}.embedding_length"}}
  theta: {type: float, from: {config.json: [rope.theta, rope_theta]}, default: 10000.0}
  window: {type: int | null, per: layer, from: {config.json: sliding_window}}
  style: {type: string, layout: {hf: half}, choices: [half, interleaved]}
  head_dim: {type: int, value: dim / 4}
dims: {T: tokens of a step}
state:
  kv: {kind: paged, per: layer, heads: 4, head_dim: head_dim, window: "window[i]"}
weights:
  emb: {shape: "vocab, dim", names: {hf: embed.weight}}
  layers.{i}.wq:
    shape: max(a, b)*head_dim, dim
    names: {hf: "layers.{i}.q.weight", gguf: "blk.{i}.q"}
    when: dim > 4
  scale: {shape: [dim], names: {hf: scale}}
functions:
  f(x, L):
    - g, u: split(x)
    - return: mul(g, u)
  none():
    - return: 1
graph:
  - h: embedding(tokens, emb)
  - repeat: i in n_layers, L = layers.{i}, S = s.{i}
    do:
      - when: window[i] == null
        do:
          - h: add(h, h)
        else:
          - h: f(h, L)
outputs:
  logits: linear(h, emb)
matches:
  - {layout: hf, if: "model_type == 'x'", pin: {theta: 1e6}, why: all of them have it}
context: 4096
)";

std::string error_of(std::string text) {
  return message_of([&] { to_topology(parse_yaml(text, "t"), {}); });
}

/// The topology with a part replaced.
std::string with(const std::string& part, const std::string& other) {
  std::string text = kTopology;
  const size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.replace(at, part.size(), other);
}

}  // namespace

TEST_CASE("A list of a param may have nulls") {
  for (const std::string source : {"default: [4, null]", "value: [4, null]"}) {
    const std::string text = with("from: {config.json: sliding_window}", source);
    const ParamDecl window = to_topology(parse_yaml(text, "t"), {}).params[2].second;
    const YamlNode& list = window.value ? *window.value : *window.fallback;
    REQUIRE(list.items.size() == 2);
    CHECK(list.items[1].is_null());
  }
}

TEST_CASE("A topology as written") {
  const TopologyDocument document = to_topology(parse_yaml(kTopology, "t"), {});
  CHECK(document.name == "dense");
  CHECK(document.layouts[0].second.config == "config.json");
  CHECK(document.layouts[0].second.weights.size() == 2);

  REQUIRE(document.params.size() == 5);
  const ParamDecl& dim = document.params[0].second;
  CHECK(dim.type == ParamType::integer);
  CHECK(dim.min == 1.0);
  CHECK(*find_named(dim.from, "config.json") == std::vector<std::string>{"hidden_size"});
  CHECK(find_named(dim.from, "gguf")->front() == "{arch}.embedding_length");
  const ParamDecl& theta = *find_named(document.params, "theta");
  CHECK(theta.type == ParamType::number);
  CHECK(find_named(theta.from, "config.json")->size() == 2);
  CHECK(theta.fallback->scalar == "10000.0");
  const ParamDecl& window = *find_named(document.params, "window");
  CHECK(window.nullable);
  CHECK(window.per_layer);
  CHECK(find_named(find_named(document.params, "style")->layout, "hf")->scalar == "half");
  CHECK(find_named(document.params, "style")->choices.size() == 2);
  CHECK(find_named(document.params, "head_dim")->value->scalar == "dim / 4");
  CHECK(*find_named(document.dims, "T") == "tokens of a step");

  const StateDecl& kv = *find_named(document.state, "kv");
  CHECK(kv.per_layer);
  CHECK(kv.window->scalar == "window[i]");
  CHECK_FALSE(kv.v_dim.has_value());

  const WeightDecl& wq = *find_named(document.weights, "layers.{i}.wq");
  REQUIRE(wq.shape.size() == 2);
  CHECK(wq.shape[0].scalar == "max(a, b)*head_dim");
  CHECK(wq.shape[0].place.to_string() == "t:17:12");
  CHECK(wq.shape[1].scalar == "dim");
  CHECK(wq.shape[1].place.to_string() == "t:17:32");
  CHECK(*find_named(wq.names, "hf") == "layers.{i}.q.weight");
  CHECK(wq.when->scalar == "dim > 4");
  CHECK(find_named(document.weights, "emb")->shape[1].place.to_string() == "t:15:24");
  CHECK(find_named(document.weights, "scale")->shape.size() == 1);

  CHECK(document.matches.at(0).layout == "hf");
  CHECK(find_named(document.matches[0].pin, "theta")->scalar == "1e6");
  CHECK(document.context->scalar == "4096");
  CHECK(find_named(document.outputs, "logits")->scalar == "linear(h, emb)");
}

TEST_CASE("Statements as written") {
  const TopologyDocument document = to_topology(parse_yaml(kTopology, "t"), {});
  REQUIRE(document.graph.size() == 2);
  CHECK(document.graph[0].kind == Statement::Kind::assign);
  CHECK(document.graph[0].names == std::vector<std::string>{"h"});
  CHECK(document.graph[0].expression.scalar == "embedding(tokens, emb)");

  const Statement& repeat = document.graph[1];
  CHECK(repeat.kind == Statement::Kind::repeat);
  CHECK(repeat.index == "i");
  CHECK(repeat.expression.scalar == "n_layers");
  CHECK(repeat.expression.place.to_string() == "t:29:18");
  REQUIRE(repeat.bindings.size() == 2);
  CHECK(repeat.bindings[0].name == "L");
  CHECK(repeat.bindings[0].value.scalar == "layers.{i}");
  CHECK(repeat.bindings[1].name == "S");
  const Statement& when = repeat.body.at(0);
  CHECK(when.kind == Statement::Kind::when);
  CHECK(when.expression.scalar == "window[i] == null");
  CHECK(when.body.size() == 1);
  CHECK(when.otherwise.at(0).expression.scalar == "f(h, L)");

  const FunctionDecl& f = *find_named(document.functions, "f");
  CHECK(f.args == std::vector<std::string>{"x", "L"});
  CHECK(f.body[0].names == std::vector<std::string>{"g", "u"});
  CHECK(f.body[1].kind == Statement::Kind::give);
  CHECK(find_named(document.functions, "none")->args.empty());
}

TEST_CASE("Statements alone, as an op's decomposition has them") {
  const auto read = [](const std::string& text, bool function) {
    return read_statements(parse_yaml(text, "op"), function);
  };
  CHECK(read("- y: mul(x, x)\n- return: y\n", true).size() == 2);
  CHECK_THAT(message_of([&] { read("- y: x\n", true); }), holds("op:1:3: ") && holds("'return'"));
  CHECK_THAT(message_of([&] { read("- return: x\n- y: x\n", true); }),
             holds("op:1:3: 'return' here"));
  CHECK_THAT(message_of([&] { read("- return: x\n", false); }), holds("op:1:3: 'return' here"));
  CHECK_THAT(message_of([&] { read("- when: a\n  do:\n    - return: x\n- return: x\n", true); }),
             holds("op:3:7: 'return' here"));
  CHECK_THAT(message_of([&] { read("", true); }), holds("expected a list"));
  CHECK_THAT(message_of([&] { read("- y\n", false); }),
             holds("expected a statement: 'name: expression'"));
  CHECK_THAT(message_of([&] { read("- {}\n", false); }), holds("this statement is empty"));
  CHECK_THAT(message_of([&] { read("- a: b\n  c: d\n", false); }),
             holds("op:2:3: a second name 'c'"));
  CHECK_THAT(message_of([&] { read("- a b: c\n", false); }), holds("name 'a b' of this statement"));
  CHECK_THAT(message_of([&] { read("- a: [b]\n", false); }),
             holds("a list for 'a', expected an expression"));
  CHECK_THAT(message_of([&] { read("- repeat: i in n\n", false); }), holds("'do' is missing"));
  CHECK_THAT(message_of([&] { read("- repeat: i in n, L\n  do: [{a: b}]\n", false); }),
             holds("op:1:19: 'L' in 'repeat'"));
  CHECK_THAT(message_of([&] { read("- repeat: i in n\n  du: [{a: b}]\n", false); }),
             holds("did you mean 'do'?"));
}

TEST_CASE("What is wrong with a topology") {
  CHECK(error_of(kTopology).empty());
  CHECK_THAT(error_of(with("type: float", "type: flaot")), holds("did you mean 'float'?"));
  CHECK_THAT(error_of(with("hf: half", "hff: half")),
             holds("unknown layout 'hff'") && holds("did you mean 'hf'?"));
  CHECK_THAT(error_of(with("{hf: embed.weight}", "{fh: embed.weight}")),
             holds("t:15:38: unknown layout 'fh'"));
  CHECK_THAT(error_of(with("from: {config.json: sliding", "from: {conf.json: sliding")),
             holds("unknown source 'conf.json', expected 'gguf' or 'config.json' (did you mean"));
  CHECK_THAT(error_of(with("value: dim / 4", "value: dim / 4, default: 3")),
             holds("excludes 'from'"));
  CHECK_THAT(error_of(with(", value: dim / 4", "")), holds("comes from nowhere"));
  CHECK_THAT(error_of(with("choices: [half", "min: 3, choices: [half")), holds("is no number"));
  CHECK_THAT(error_of(with("min: 1", "min: 2, max: 1")), holds("'min' above 'max'"));
  CHECK_THAT(error_of(with("heads: 4, ", "")),
             holds("'heads' is missing from the paged state 'kv'"));
  CHECK_THAT(error_of(with("heads: 4, ", "heads: 4, elements: 3, ")), holds("has no 'elements'"));
  CHECK_THAT(error_of(with("hf: \"layers.{i}.q", "hf: \"layers.0.q")), holds("expected {i} in it"));
  CHECK_THAT(error_of(with("{hf: scale}", "{hf: \"scale.{i}\"}")), holds("expected {i} in both"));
  CHECK_THAT(error_of(with("\"vocab, dim\"", "\"vocab,, dim\"")), holds("empty extent"));
  CHECK_THAT(error_of(with("f(x, L):", "f(x, x):")), holds("argument 'x' of 'f' is given twice"));
  CHECK_THAT(error_of(with("none():", "f():")), holds("a second function 'f'"));
  CHECK_THAT(error_of(with("none():", "none:")), holds("expected a signature such as"));
  CHECK_THAT(error_of(with("i in n_layers", "i on n_layers")),
             holds("t:29:13: ") && holds("'index in count'"));
  CHECK_THAT(error_of(with("pin: {theta", "pin: {thta")), holds("did you mean 'theta'?"));
  CHECK_THAT(error_of(with("{layout: hf, if", "{layout: mf, if")), holds("unknown layout 'mf'"));
  CHECK_THAT(error_of(with("  kv: {", "  dim: {")), holds("state 'dim' has the name of a param"));
  CHECK_THAT(error_of(with("  scale: {", "  kv: {")), holds("weight 'kv' has the name of"));
  CHECK_THAT(error_of(with("outputs:\n  logits: linear(h, emb)", "outputs: {}")),
             holds("no output"));
  CHECK_THAT(error_of(with("graph:", "grph:")),
             holds("'graph' is missing") && holds("did you mean 'graph'?"));
}
