#include "graph/abi_view.hpp"

#include "catch.hpp"
#include "graph_builders.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

std::string text(sirocco_string string) {
  return {string.data, string.size};
}

/// tokens → embedding (0) → attention on state 1 (1) → silu (2) → gather_rows (3) → linear (4), and
/// the embedding is also read by node 5.
struct Fixture {
  GraphBuilder b;
  ValueId tokens, wanted, table, matrix, h, a, s, g, logits, again;

  Fixture() {
    b.graph.groups.push_back({.name = "other"});
    b.graph.groups.push_back(
        {.name = "kv", .window = 32, .page_tokens = 8, .dtype = SIROCCO_DTYPE_BF16});
    b.graph.states.push_back({.name = "other[0]", .heads = 1, .k_dim = 1, .v_dim = 1});
    b.graph.states.push_back(
        {.name = "kv[4]", .group = 1, .member = 4, .heads = 2, .k_dim = 2, .v_dim = 2});
    tokens = b.value("tokens", i32({kT}), SIROCCO_VALUE_TOKENS);
    wanted = b.value("wanted", i32({kR}), SIROCCO_VALUE_WANTED);
    table = b.weight("table", f32({c(9), c(4)}));
    matrix = b.weight("matrix", f32({c(9), c(4)}));
    h = b.node(builtin("embedding"), {tokens, table});
    a = b.node(builtin("attention"), {h, h, h}, {{"state", StateRef{1}}, {"window", int64_t{32}}});
    s = b.node(builtin("silu"), {a});
    g = b.node(builtin("gather_rows"), {s, wanted});
    logits = b.node(builtin("linear"), {g, matrix, kNone});
    again = b.node(builtin("silu"), {h});
    b.graph.outputs.push_back({"logits", logits});
  }
  AbiGraph view(std::vector<NodeId> nodes, std::vector<ValueId> outputs = {}) const {
    return {b.graph, nodes, outputs};
  }
  static const sirocco_value& value(const AbiGraph& view, ValueId id) {
    return view.get()->values[view.local(id)];
  }
};

}  // namespace

TEST_CASE("a whole graph keeps its order and its kinds") {
  const Fixture f;
  const AbiGraph view = f.view({5, 4, 3, 2, 1, 0});
  const sirocco_graph& graph = *view.get();
  CHECK(graph.struct_size == sizeof(sirocco_graph));
  CHECK(graph.value_stride == sizeof(sirocco_value));
  CHECK(graph.node_stride == sizeof(sirocco_node));
  CHECK(graph.state_stride == sizeof(sirocco_state));
  REQUIRE(graph.n_nodes == 6);
  REQUIRE(graph.n_values == f.b.graph.values.size());
  for (uint32_t i = 0; i < 6; ++i) {
    CHECK(graph.nodes[i].id == i);
    CHECK(view.nodes()[i] == i);
  }
  CHECK(f.value(view, f.tokens).kind == SIROCCO_VALUE_TOKENS);
  CHECK(f.value(view, f.wanted).kind == SIROCCO_VALUE_WANTED);
  CHECK(f.value(view, f.table).kind == SIROCCO_VALUE_WEIGHT);
  CHECK(f.value(view, f.h).kind == SIROCCO_VALUE_INTERNAL);
  CHECK(f.value(view, f.logits).kind == SIROCCO_VALUE_OUTPUT);
  CHECK(f.value(view, f.tokens).producer == SIROCCO_NONE);
}

TEST_CASE("a part has numbers of its own") {
  const Fixture f;
  const AbiGraph view = f.view({1, 2});
  const sirocco_graph& graph = *view.get();
  REQUIRE(graph.n_nodes == 2);
  REQUIRE(graph.n_values == 3);
  CHECK(view.local(f.tokens) == kNone);
  CHECK(view.local(f.logits) == kNone);
  for (uint32_t i = 0; i < graph.n_values; ++i) CHECK(view.local(view.values()[i]) == i);
  CHECK(f.value(view, f.h).kind == SIROCCO_VALUE_INPUT);
  CHECK(f.value(view, f.h).producer == SIROCCO_NONE);
  CHECK(f.value(view, f.a).kind == SIROCCO_VALUE_INTERNAL);
  CHECK(f.value(view, f.a).producer == 0);
  CHECK(f.value(view, f.s).kind == SIROCCO_VALUE_OUTPUT);
  CHECK(f.value(view, f.s).producer == 1);
  CHECK(graph.nodes[0].id == 1);
  CHECK(graph.nodes[0].n_inputs == 3);
  CHECK(graph.nodes[0].inputs[2] == view.local(f.h));
  CHECK(graph.nodes[1].outputs[0] == view.local(f.s));
}

TEST_CASE("a value made inside and used outside is an output") {
  const Fixture f;
  CHECK(f.value(f.view({0, 1}), f.h).kind == SIROCCO_VALUE_OUTPUT);  // node 5 reads it
  CHECK(f.value(f.view({0, 1, 5}), f.h).kind == SIROCCO_VALUE_INTERNAL);
  CHECK(f.value(f.view({5}), f.again).kind == SIROCCO_VALUE_INTERNAL);  // nobody wants it
}

TEST_CASE("outputs wanted of a part are outputs, those of other parts are not its concern") {
  const Fixture f;
  const AbiGraph view = f.view({1, 2}, {f.a, f.h, f.logits, f.table});
  CHECK(f.value(view, f.a).kind == SIROCCO_VALUE_OUTPUT);
  CHECK(f.value(view, f.h).kind == SIROCCO_VALUE_INPUT);
  CHECK(view.local(f.logits) == kNone);
  CHECK(view.local(f.table) == kNone);
}

TEST_CASE("nodes carry op, path, attributes and absent inputs") {
  const Fixture f;
  const AbiGraph view = f.view({0, 1, 4});
  const sirocco_node& linear = view.get()->nodes[2];
  CHECK(text(linear.domain) == "sirocco");
  CHECK(text(linear.op) == "linear");
  CHECK(linear.version == 1);
  CHECK(text(linear.path) == "n4");
  REQUIRE(linear.n_inputs == 3);
  CHECK(linear.inputs[2] == SIROCCO_NONE);
  CHECK(linear.n_attrs == 0);
  const sirocco_node& embedding = view.get()->nodes[0];
  REQUIRE(embedding.n_attrs == 1);
  CHECK(embedding.attrs[0].type == SIROCCO_ATTR_STRING);
  CHECK(text(embedding.attrs[0].name) == "dtype");
  CHECK(text(embedding.attrs[0].s) == "f32");
  const sirocco_node& attention = view.get()->nodes[1];
  REQUIRE(attention.n_attrs == 3);
  CHECK(attention.attr_stride == sizeof(sirocco_attr));
  CHECK(attention.attrs[1].type == SIROCCO_ATTR_INT);
  CHECK(attention.attrs[1].i == 32);
  CHECK(attention.attrs[2].type == SIROCCO_ATTR_NULL);
}

TEST_CASE("states used are numbered from zero and described in full") {
  const Fixture f;
  const AbiGraph view = f.view({1});
  REQUIRE(view.get()->n_states == 1);
  REQUIRE(view.states().size() == 1);
  CHECK(view.states()[0] == 1);
  CHECK(view.get()->nodes[0].attrs[0].type == SIROCCO_ATTR_STATE);
  CHECK(view.get()->nodes[0].attrs[0].i == 0);
  const sirocco_state& state = view.get()->states[0];
  CHECK(state.struct_size == sizeof(sirocco_state));
  CHECK(state.group == 1);
  CHECK(state.member == 4);
  CHECK(state.kind == SIROCCO_STATE_PAGED);
  CHECK(state.page_tokens == 8);
  CHECK(state.window == 32);
  CHECK(state.heads == 2);
  CHECK(state.k_dim == 2);
  CHECK(state.v_dim == 2);
  CHECK(state.dtype == SIROCCO_DTYPE_BF16);
  CHECK(f.view({0}).get()->n_states == 0);
}

TEST_CASE("values carry name, dtype and shape") {
  const Fixture f;
  const AbiGraph view = f.view({0});
  const sirocco_value& table = f.value(view, f.table);
  CHECK(text(table.name) == "table");
  CHECK(table.tensor.dtype == SIROCCO_DTYPE_F32);
  CHECK(table.tensor.rank == 2);
  CHECK(table.tensor.dims[0].base == 9);
  CHECK(table.tensor.quant == nullptr);
  const sirocco_value& h = f.value(view, f.h);
  CHECK(h.tensor.dims[0].symbol == SIROCCO_SYM_TOKENS);
  CHECK(h.tensor.dims[0].scale == 1);
}

TEST_CASE("a view outlives its graph and may be moved") {
  std::vector<AbiGraph> views;
  {
    const Fixture f;
    views.push_back(f.view({0, 1}));
    views.push_back(f.view({4}));
  }
  views.reserve(100);
  const sirocco_graph& graph = *views[0].get();
  CHECK(text(graph.nodes[1].op) == "attention");
  CHECK(text(graph.nodes[0].attrs[0].s) == "f32");
  CHECK(text(graph.values[graph.nodes[0].inputs[1]].name) == "table");
}

TEST_CASE("parts that the graph does not have are refused") {
  const Fixture f;
  CHECK_THROWS_AS(f.view({0, 0}), Error);
  CHECK_THROWS_AS(f.view({6}), Error);
  CHECK(f.view({}).get()->n_nodes == 0);
}

TEST_CASE("attributes of every type cross the line") {
  const std::vector<Attr> attrs = {{"b", true},
                                   {"f", 0.5},
                                   {"s", "text"},
                                   {"i", std::vector<int64_t>{1, 2, 3}},
                                   {"d", std::vector<double>{0.25}},
                                   {"n", std::monostate{}},
                                   {"r", StateRef{7}}};
  const AbiAttrs abi(attrs, [](StateRef state) { return int64_t{state.index} + 100; });
  REQUIRE(abi.size() == attrs.size());
  for (size_t i = 0; i < attrs.size(); ++i) {
    CHECK(text(abi.data()[i].name) == attrs[i].name);
    CHECK(abi.data()[i].type == attr_type_of(attrs[i].value));
  }
  CHECK(abi.data()[0].i == 1);
  CHECK(abi.data()[1].f == 0.5);
  CHECK(text(abi.data()[2].s) == "text");
  REQUIRE(abi.data()[3].count == 3);
  CHECK(abi.data()[3].ints[2] == 3);
  REQUIRE(abi.data()[4].count == 1);
  CHECK(abi.data()[4].floats[0] == 0.25);
  CHECK(abi.data()[6].i == 107);
}

TEST_CASE("quantised tensors bring their scheme") {
  AbiStorage storage;
  const sirocco_tensor tensor =
      storage.tensor({SIROCCO_DTYPE_BLOCK, {c(2), c(32)}, Quant{"q4_0", 32, 18, true}});
  REQUIRE(tensor.quant);
  CHECK(text(tensor.quant->scheme) == "q4_0");
  CHECK(tensor.quant->block_elements == 32);
  CHECK(tensor.quant->block_bytes == 18);
  CHECK(tensor.quant->planar == 1);
  CHECK_THROWS_AS(storage.tensor(f32(Shape(9, c(1)))), Error);
}
