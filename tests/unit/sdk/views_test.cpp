#include <cstring>
#include <string>
#include <vector>

#include "backend_harness.hpp"
#include "catch.hpp"

#include <sirocco/sdk/graph_view.hpp>
#include <sirocco/sdk/ops.hpp>
#include <sirocco/sdk/step_view.hpp>
#include <sirocco/sdk/struct_io.hpp>

using namespace sirocco::sdk;
using harness::constant;
using harness::tokens;

namespace {

/// A struct of a newer host: ours, and something behind it.
template <class Struct>
struct Longer {
  Struct known;
  uint64_t news = 0xFFFFFFFFFFFFFFFF;
};

harness::Graph attributes() {
  harness::Graph graph;
  const uint32_t x = graph.input(SIROCCO_DTYPE_F32, {tokens(), constant(4)});
  const uint32_t y = graph.output(SIROCCO_DTYPE_F32, {tokens(), constant(4)});
  sirocco_state state{};
  state.heads = 3;
  const int64_t index = graph.state(state);
  graph.node("anything", {x, SIROCCO_NONE}, {y},
             {graph.number("count", 7), graph.real("eps", 0.5), graph.string("style", "half"),
              graph.null("window"), graph.state_ref("state", index)});
  return graph;
}

void infer_same(InferView& node) {
  node.require(node.attr_int("k") == 2, "k must be 2");
  node.set_output(0, node.input(0).tensor());
}

}  // namespace

TEST_CASE("a shorter struct reads as zero behind its end") {
  sirocco_state state{};
  state.struct_size = offsetof(sirocco_state, k_dim);
  state.heads = 4;
  state.k_dim = 99;
  const auto copy = read_struct<sirocco_state>(&state);
  REQUIRE(copy.heads == 4);
  REQUIRE(copy.k_dim == 0);
}

TEST_CASE("a longer struct is read as far as we know it") {
  Longer<sirocco_state> state{};
  state.known.struct_size = sizeof state;
  state.known.dtype = SIROCCO_DTYPE_BF16;
  const auto copy = read_struct<sirocco_state>(&state);
  REQUIRE(copy.dtype == SIROCCO_DTYPE_BF16);
}

TEST_CASE("a missing struct, or one without a size, is an error") {
  REQUIRE_THROWS_AS(read_struct<sirocco_state>(nullptr), StatusError);
  sirocco_state state{};
  REQUIRE_THROWS_AS(read_struct<sirocco_state>(&state), StatusError);
  REQUIRE_THROWS_AS(write_struct<sirocco_state>(nullptr, state), StatusError);
  REQUIRE_THROWS_AS(write_struct(&state, state), StatusError);
}

TEST_CASE("nothing is written behind the end that the caller states") {
  sirocco_device_info info;
  std::memset(&info, 0x77, sizeof info);
  info.struct_size = offsetof(sirocco_device_info, memory_bytes);
  sirocco_device_info full{};
  full.struct_size = sizeof full;
  full.flags = 3;
  full.memory_bytes = 5;
  write_struct(&info, full);
  REQUIRE(info.struct_size == offsetof(sirocco_device_info, memory_bytes));
  REQUIRE(info.flags == 3);
  REQUIRE(info.memory_bytes == 0x7777777777777777);
}

TEST_CASE("arrays are stepped through by their stride") {
  std::vector<Longer<sirocco_value>> values(3);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i].known = {};
    values[i].known.struct_size = sizeof values[i];
    values[i].known.kind = static_cast<uint32_t>(i);
  }
  sirocco_graph graph{};
  graph.struct_size = sizeof graph;
  graph.values = &values[0].known;
  graph.n_values = values.size();
  graph.value_stride = sizeof values[0];
  const GraphView view(&graph);
  for (uint32_t i = 0; i < 3; ++i) REQUIRE(view.value(i).kind() == i);
  REQUIRE_THROWS_AS(view.value(3), StatusError);
  REQUIRE_THROWS_AS(view.node(0), StatusError);
  graph.value_stride = 0;
  REQUIRE_THROWS_AS(GraphView(&graph).value(1), StatusError);
}

TEST_CASE("an old host's graph has no states") {
  const harness::Graph graph = attributes();
  sirocco_graph old = graph.get();
  old.struct_size = offsetof(sirocco_graph, states);
  const GraphView view(&old);
  REQUIRE(view.n_states() == 0);
  REQUIRE_THROWS_AS(view.node(0).state(), StatusError);
}

TEST_CASE("attributes by name and type") {
  const harness::Graph graph = attributes();
  const sirocco_graph abi = graph.get();
  const GraphView view(&abi);
  const NodeView node = view.node(0);
  REQUIRE(node.path() == "test/anything");
  REQUIRE(node.attr_int("count") == 7);
  REQUIRE(node.attr_float("count") == 7);
  REQUIRE(node.attr_float("eps") == 0.5);
  REQUIRE(node.attr_string("style") == "half");
  REQUIRE(node.attr_is_null("window"));
  REQUIRE(node.attr_is_null("absent"));
  REQUIRE(!node.attr_int_or_null("window"));
  REQUIRE(node.attr_int_or_null("count") == 7);
  REQUIRE(node.attr_state("state").heads == 3);
  REQUIRE(node.state()->heads == 3);
  REQUIRE(node.has_input(0));
  REQUIRE(!node.has_input(1));
  REQUIRE(!node.has_input(2));
  REQUIRE_THROWS_AS(node.input(1), StatusError);
  REQUIRE_THROWS_AS(node.output(1), StatusError);
  try {
    node.attr_int("style");
    FAIL("a string was read as an int");
  } catch (const StatusError& error) {
    REQUIRE(error.status() == SIROCCO_INVALID_ARGUMENT);
    REQUIRE(std::string(error.what()) ==
            "test/anything has an attribute style of type string, expected int");
  }
  REQUIRE_THROWS_AS(node.attr_float("absent"), StatusError);
}

TEST_CASE("extents and sizes") {
  const Extents extents{5, 2, 3};
  REQUIRE(extent(constant(7), extents) == 7);
  REQUIRE(extent({1, 2, SIROCCO_SYM_TOKENS}, extents) == 11);
  REQUIRE(extent({0, 1, SIROCCO_SYM_SEQS}, extents) == 2);
  REQUIRE(extent({0, 1, SIROCCO_SYM_ROWS}, extents) == 3);
  REQUIRE_THROWS_AS(extent({0, 1, SIROCCO_SYM_COUNT}, extents), StatusError);
  REQUIRE_THROWS_AS(extent(constant(-1), extents), StatusError);
  REQUIRE_THROWS_AS(extent({INT64_MAX, 1, SIROCCO_SYM_TOKENS}, extents), StatusError);

  sirocco_tensor tensor{};
  tensor.dtype = SIROCCO_DTYPE_BF16;
  tensor.rank = 2;
  tensor.dims[0] = tokens();
  tensor.dims[1] = constant(8);
  REQUIRE(tensor_bytes(tensor, extents) == 80);
  tensor.dims[1] = constant(INT64_MAX / 4);
  REQUIRE_THROWS_AS(tensor_bytes(tensor, extents), StatusError);
  tensor.dims[1] = constant(64);
  tensor.dtype = SIROCCO_DTYPE_BLOCK;
  REQUIRE_THROWS_AS(tensor_bytes(tensor, extents), StatusError);
  const sirocco_quant quant{sizeof quant, {nullptr, 0}, 32, 18, 0, 0};
  tensor.quant = &quant;
  REQUIRE(tensor_bytes(tensor, extents) == 5 * 2 * 18);
  tensor.rank = SIROCCO_MAX_RANK + 1;
  REQUIRE_THROWS_AS(tensor_bytes(tensor, extents), StatusError);
}

TEST_CASE("an inference sees typed inputs and fills outputs") {
  sirocco_tensor input{};
  input.struct_size = sizeof input;
  input.dtype = SIROCCO_DTYPE_F16;
  sirocco_tensor output{};
  output.struct_size = sizeof output;
  harness::Graph strings;
  const sirocco_attr attr = strings.number("k", 2);
  sirocco_error error{sizeof error, ""};
  constexpr decltype(sirocco_op::infer) kSame = infer<infer_same>;
  REQUIRE(kSame(&input, 1, &attr, 1, &output, 1, &error) == SIROCCO_OK);
  REQUIRE(output.dtype == SIROCCO_DTYPE_F16);
  const sirocco_attr other = strings.number("k", 3);
  REQUIRE(kSame(&input, 1, &other, 1, &output, 1, &error) == SIROCCO_INVALID_ARGUMENT);
  REQUIRE(std::string(error.message) == "k must be 2");
  REQUIRE(kSame(&input, 1, nullptr, 0, &output, 1, &error) == SIROCCO_INVALID_ARGUMENT);
  REQUIRE(kSame(&input, 1, &attr, 1, &output, 0, nullptr) == SIROCCO_INVALID_ARGUMENT);
  input.dtype = SIROCCO_DTYPE_NONE;
  REQUIRE(kSame(&input, 1, &attr, 1, &output, 1, &error) == SIROCCO_INVALID_ARGUMENT);
}
