#include "catch.hpp"
#include "document_files.hpp"
#include "graph_files.hpp"

using namespace sirocco;

namespace {

std::string found(const std::string& rest, const std::string& params = "") {
  std::string text;
  for (const Diagnostic& diagnostic : check_topology(small_document(rest, params))) {
    text += diagnostic.to_string() + "\n";
  }
  return text;
}

std::string in_graph(const std::string& statement) {
  return found(
      "graph:\n  - h: embedding(tokens, emb)\n  - repeat: i in n, L = layers.{i}\n    do:\n"
      "      - h: " +
      statement + "\noutputs: {out: 'gather_rows(h, wanted)'}\n");
}

std::string with_param(const std::string& param) {
  return found(
      "graph:\n  - repeat: i in n\n    do:\n      - h: embedding(tokens, emb)\n"
      "outputs: {out: h}\n",
      "  p: " + param + "\n");
}

}  // namespace

TEST_CASE("A right topology has no findings") {
  CHECK(in_graph("attention(h, h, linear(h, L.w, bias=L.b), state=kv[i], window=4)").empty());
  CHECK(in_graph("linear(h, layers.2.w, bias=null)").empty());
  CHECK(in_graph("linear(h, layers.{i}.w)").empty());
  CHECK(in_graph("concat(h, h, h, axis=max(1, n - 2))").empty());
  // Nobody here knows that plugin.
  CHECK(in_graph("acme.op(h, x=1)").empty());
}

TEST_CASE("Names and calls that mean nothing are found without a model") {
  CHECK(in_graph("silu(hidden)") == "t.yaml:19:17: unknown name 'hidden'\n");
  CHECK_THAT(in_graph("linear(h, L.ww)"), holds("unknown name 'L.ww' (did you mean 'L.w'?)"));
  CHECK_THAT(in_graph("linear(h, layers.{j}.w)"), holds("unknown name 'layers.{j}.w'"));
  CHECK_THAT(in_graph("linear(h, h.w)"), holds("unknown name 'h.w'"));
  CHECK_THAT(in_graph("linaer(h, L.w)"), holds("did you mean 'linear'?"));
  CHECK_THAT(in_graph("sirocco.nope(h)"), holds("unknown op or function 'sirocco.nope'"));
  CHECK_THAT(in_graph("silu(h"), holds("t.yaml:19:18: the end here, expected ','"));
  CHECK_THAT(found("graph:\n  - repeat: i in n, L = layer.{i}\n    do:\n"
                   "      - h: embedding(tokens, emb)\noutputs: {out: h}\n"),
             holds("no weight's name starts with 'layer.{i}.'"));
  CHECK_THAT(found("graph:\n  - repeat: i in n, L = layers.{j}\n    do:\n"
                   "      - h: embedding(tokens, emb)\noutputs: {out: h}\n"),
             holds("unknown index 'j'"));
  // An index ends with its loop, a value does not.
  CHECK_THAT(found("graph:\n  - repeat: i in n, L = layers.{i}\n    do:\n"
                   "      - h: embedding(tokens, emb)\noutputs: {out: h, x: 'linear(h, L.w)'}\n"),
             holds("unknown name 'L.w'"));
}

TEST_CASE("Arguments of ops and functions are checked") {
  CHECK_THAT(in_graph("linear(h)"), holds("linear lacks its input 'weight'"));
  CHECK_THAT(in_graph("linear(h, L.w, L.b, h)"), holds("linear takes 3 tensors"));
  CHECK_THAT(in_graph("linear(h, 3)"), holds("the integer 3 for 'weight' of linear"));
  CHECK_THAT(in_graph("linear(h, L.w, weight=L.w)"), holds("'weight' is given twice"));
  CHECK_THAT(in_graph("rms_norm(h, L.norm)"), holds("rms_norm lacks its attribute 'eps'"));
  CHECK_THAT(in_graph("rms_norm(h, L.norm, epsilon=1)"), holds("rms_norm takes no 'epsilon'"));
  CHECK_THAT(in_graph("top_k(h, k=1)"), holds("gives 2 values for 1 names"));
  const auto call = [](const std::string& text) {
    return found(
        "functions:\n  f(x, M):\n    - return: linear(x, M.w)\n"
        "graph:\n  - h: embedding(tokens, emb)\n  - h: " +
        text + "\noutputs: {out: h}\n");
  };
  CHECK_THAT(call("f(h)"), holds("'f' of 1 arguments, expected 2"));
  CHECK_THAT(call("f(h, y=h)"), holds("'f' takes no 'y'"));
  CHECK_THAT(found("functions:\n  f(x, M):\n    - return: linear(x, M.v)\n"
                   "graph:\n  - h: embedding(tokens, emb)\noutputs: {out: h}\n"),
             holds("unknown name 'M.v' (did you mean 'M.b'?)"));
}

TEST_CASE("Names that hide what the language means are refused") {
  CHECK_THAT(found("graph:\n  - tokens: embedding(tokens, emb)\noutputs: {out: tokens}\n"),
             holds("'tokens' is an input of the step"));
  CHECK_THAT(found("functions:\n  max(x):\n    - return: x\n"
                   "graph:\n  - h: embedding(tokens, emb)\noutputs: {out: h}\n"),
             holds("'max' is a function of the language"));
}

TEST_CASE("Cycles and params that nothing uses are found") {
  CHECK_THAT(with_param("{type: int, default: 3}"), holds("param 'p' is used by nothing"));
  CHECK_THAT(with_param("{type: int, value: q + 1}\n  q: {type: int, value: p - 1}"),
             holds("param 'p' needs itself: p → q → p"));
  CHECK_THAT(with_param("{type: int, value: tokens}"), holds("unknown name 'tokens'"));
  CHECK_THAT(with_param("{type: int, value: linear(dim)}"), holds("unknown function 'linear'"));
  CHECK_THAT(with_param("{type: int, value: i}"), holds("unknown name 'i'"));
  CHECK_THAT(found("functions:\n  f(x):\n    - return: g(x)\n  g(x):\n    - return: silu(f(x))\n"
                   "graph:\n  - h: f(embedding(tokens, emb))\noutputs: {out: h}\n"),
             holds("function 'f' calls itself: f → g → f"));
}

TEST_CASE("The topologies that come with the product have no findings") {
  const std::filesystem::path root = std::filesystem::path(SIROCCO_SOURCE_DIR) / "configs";
  ConfigPath config;
  config.roots.push_back(root);
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root / "topologies")) {
    ++count;
    for (const Diagnostic& diagnostic : check_topology(read_topology(entry.path(), config))) {
      FAIL_CHECK(diagnostic.to_string());
    }
  }
  CHECK(count >= 3);
}
