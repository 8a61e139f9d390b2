#include "graph/plugin_ops.hpp"

#include <cstdio>
#include <cstring>
#include <functional>

#include "catch.hpp"
#include "graph_builders.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

/// Answers like the first input; with an attribute `mode` it misbehaves in the way of that number.
sirocco_status infer_like_input(const sirocco_tensor* inputs, size_t n_inputs,
                                const sirocco_attr* attrs, size_t n_attrs, sirocco_tensor* outputs,
                                size_t n_outputs, sirocco_error* error) {
  if (n_inputs < 1 || n_outputs < 1) return SIROCCO_INVALID_ARGUMENT;
  outputs[0].dtype = inputs[0].dtype;
  outputs[0].rank = inputs[0].rank;
  std::memcpy(outputs[0].dims, inputs[0].dims, sizeof outputs[0].dims);
  switch (n_attrs ? attrs[0].i : 0) {
    case 1:
      std::snprintf(error->message, sizeof error->message, "odd rows");
      return SIROCCO_FAILED;
    case 2:
      return SIROCCO_UNSUPPORTED;
    case 3:
      outputs[0].dtype = 77;
      break;
    case 4:
      outputs[0].rank = 9;
      break;
    case 5:
      outputs[0].dims[0] = {0, 0, SIROCCO_SYM_NONE};
      break;
    case 6:
      outputs[0].dims[0] = {0, 1, 9};
      break;
    case 7:
      outputs[0].dims[0] = {4, 2, SIROCCO_SYM_NONE};
      break;
    case 8:
      outputs[0].dims[0] = {0, -1, SIROCCO_SYM_TOKENS};
      break;
    case 9:
      outputs[0].dims[0] = {INT64_MAX, 1, SIROCCO_SYM_TOKENS};
      break;
    case 10:
      outputs[0].dtype = SIROCCO_DTYPE_BLOCK;
      break;
    case 11:
      outputs[0].dims[0].base = INT64_MAX;
      break;
    case 12:
      outputs[0].dtype = SIROCCO_DTYPE_NONE;
      break;
    case 13:
      if (inputs[1].dtype != SIROCCO_DTYPE_NONE) return SIROCCO_FAILED;
      break;
    default:
      break;
  }
  return SIROCCO_OK;
}

/// A table of one op that breaks nothing, to be spoilt by tests.
struct Table {
  sirocco_op_input inputs[2] = {
      {sizeof(sirocco_op_input), "x", "[.., D] float", 0, SIROCCO_USE_WHOLE},
      {sizeof(sirocco_op_input), "bias", "[D] float", 1, SIROCCO_USE_WHOLE}};
  sirocco_op_attr attrs[2] = {
      {sizeof(sirocco_op_attr), "mode", SIROCCO_ATTR_INT, 1, nullptr, "what goes wrong"},
      {sizeof(sirocco_op_attr), "limit", SIROCCO_ATTR_FLOAT, 0, "0.5", "a number"}};
  sirocco_op op = {sizeof(sirocco_op),
                   "test",
                   "odd",
                   3,
                   1,
                   "Does odd things.",
                   "y = x",
                   inputs,
                   2,
                   sizeof(sirocco_op_input),
                   attrs,
                   2,
                   sizeof(sirocco_op_attr),
                   "- return: add(x, x)\n",
                   infer_like_input};
  sirocco_ops_interface table = {sizeof(sirocco_ops_interface), &op, 1, sizeof(sirocco_op)};
};

std::string refusal(const std::function<void(Table&)>& change) {
  Table table;
  change(table);
  OpRegistry registry;
  return error_of(ErrorKind::plugin, [&] { add_plugin_ops(registry, &table.table, "tester"); });
}

void says(const std::string& message, const std::string& part) {
  INFO(message);
  CHECK(message.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("a plugin's op becomes a definition like any other") {
  const Table table;
  OpRegistry registry;
  add_plugin_ops(registry, &table.table, "tester");
  const OpDef* op = registry.find("test", "odd");
  REQUIRE(op);
  CHECK(op->provider == "tester");
  CHECK(op->version == 3);
  CHECK(op->doc == "Does odd things.");
  CHECK(op->decomposition == "- return: add(x, x)\n");
  REQUIRE(op->inputs.size() == 2);
  CHECK(op->inputs[1].optional);
  REQUIRE(op->attrs.size() == 2);
  CHECK_FALSE(op->attrs[0].fallback);
  CHECK(op->attrs[1].fallback == AttrValue{0.5});
  CHECK(op->outputs == std::vector<std::string>{"y"});
}

TEST_CASE("inference crosses to the plugin and is checked on the way back") {
  const Table table;
  OpRegistry registry;
  add_plugin_ops(registry, &table.table, "tester");
  const OpDef& op = *registry.find("test", "odd");
  const auto run = [&](int64_t mode) {
    return error_of(ErrorKind::invalid_file, [&] {
      infer(op, {bf16({kT, c(4)})}, {{"mode", mode}});
    });
  };
  CHECK(infer(op, {bf16({kT, c(4)})}, {{"mode", int64_t{0}}}).at(0).to_string() == "bf16 [T, 4]");
  CHECK(run(1) == "test.odd(x: bf16 [T, 4]): odd rows");
  says(run(2), "inference failed with status 3");
  says(run(3), "dtype 77 is not one that a node can make");
  says(run(4), "rank 9 is above 8");
  says(run(5), "is not positive");
  says(run(6), "unknown symbol 9");
  says(run(7), "scale 2");
  says(run(8), "scale -1");
  says(run(9), "is not positive");
  says(run(10), "dtype 16");
  says(run(11), "is not positive");
  says(run(12), "dtype 0");
  CHECK(run(13).empty());  // an absent input arrives as dtype none
}

TEST_CASE("several outputs are numbered") {
  Table table;
  table.op.n_outputs = 2;
  OpRegistry registry;
  add_plugin_ops(registry, &table.table, "tester");
  CHECK(registry.find("test", "odd")->outputs == std::vector<std::string>{"y0", "y1"});
}

TEST_CASE("a default of null lets null in") {
  Table table;
  table.attrs[1].fallback = "null";
  OpRegistry registry;
  add_plugin_ops(registry, &table.table, "tester");
  CHECK(registry.find("test", "odd")->attrs[1].nullable);
}

TEST_CASE("structs that grew, or are shorter, are read by their sizes") {
  struct LongerInput {
    sirocco_op_input base;
    uint64_t unknown[2];
  };
  LongerInput longer[2] = {};
  Table table;
  for (size_t i = 0; i < 2; ++i) {
    longer[i].base = table.inputs[i];
    longer[i].base.struct_size = sizeof(LongerInput);
    longer[i].unknown[0] = ~uint64_t{0};
  }
  table.op.inputs = &longer[0].base;
  table.op.input_stride = sizeof(LongerInput);
  // An older attribute without `doc`: NULL, which is refused by name.
  OpRegistry registry;
  add_plugin_ops(registry, &table.table, "tester");
  CHECK(registry.find("test", "odd")->inputs[1].name == "bias");
  says(refusal([](Table& t) { t.attrs[1].struct_size = offsetof(sirocco_op_attr, doc); }),
       "an attribute's doc is NULL");
  says(refusal([](Table& t) { t.op.struct_size = offsetof(sirocco_op, infer); }), "infer is NULL");
}

TEST_CASE("tables that break the ABI are refused") {
  OpRegistry registry;
  says(error_of(ErrorKind::plugin, [&] { add_plugin_ops(registry, nullptr, "tester"); }),
       "plugin tester: offers no table of ops");
  says(refusal([](Table& t) { t.table.ops = nullptr; }), "array of ops is absent");
  says(refusal([](Table& t) { t.table.n_ops = SIZE_MAX; }), "array of ops is absent, too long");
  says(refusal([](Table& t) { t.table.op_stride = 4; }), "bad stride");
  says(refusal([](Table& t) { t.table.op_stride = sizeof(sirocco_op) - 8; }), "does not fit");
  says(refusal([](Table& t) { t.table.struct_size = 3; }), "struct_size 3 does not fit");
  says(refusal([](Table& t) { t.op.struct_size = 0; }), "struct_size 0 does not fit");
  says(refusal([](Table& t) { t.op.input_stride = 0; }), "array of inputs");
  says(refusal([](Table& t) { t.op.attrs = nullptr; }), "array of attributes");
  CHECK(refusal([](Table& t) { t.table = {sizeof t.table, nullptr, 0, 0}; }).empty());
}

TEST_CASE("definitions that break a rule are refused") {
  says(refusal([](Table& t) { t.op.domain = "sirocco"; }), "the domain 'sirocco' is the host's");
  says(refusal([](Table& t) { t.op.domain = "Test"; }), "is not of the form");
  says(refusal([](Table& t) { t.op.name = nullptr; }), "an op's name is NULL");
  says(refusal([](Table& t) { t.op.name = "a.b"; }), "is not of the form");
  says(refusal([](Table& t) { t.op.version = 0; }), "version must be 1 or more");
  says(refusal([](Table& t) { t.op.n_outputs = 0; }), "1 to 64 outputs");
  says(refusal([](Table& t) { t.op.n_outputs = 1u << 30; }), "1 to 64 outputs");
  says(refusal([](Table& t) { t.op.decomposition = nullptr; }), "decomposition is NULL");
  says(refusal([](Table& t) { t.op.decomposition = " "; }), "decomposition is missing");
  says(refusal([](Table& t) { t.op.infer = nullptr; }), "infer is NULL");
  says(refusal([](Table& t) { t.op.doc = ""; }), "doc is missing");
  says(refusal([](Table& t) { t.inputs[0].use = 17; }), "unknown use");
  says(refusal([](Table& t) { t.attrs[0].type = 17; }), "no known type");
  says(refusal([](Table& t) { t.attrs[1].fallback = "half"; }), "'half' is no float");
  says(refusal([](Table& t) { t.attrs[1].fallback = nullptr; }),
       "must be required or have a default");
  says(refusal([](Table& t) { t.attrs[0].fallback = "1"; }), "must be required or have a default");
}

TEST_CASE("a text without an end in sight is refused") {
  const std::string endless(1 << 17, 'x');
  says(refusal([&](Table& t) { t.op.formula = endless.c_str(); }), "formula is too long");
}
