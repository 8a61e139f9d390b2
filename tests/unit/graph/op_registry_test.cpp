#include "catch.hpp"
#include "graph_builders.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

std::vector<TensorType> first(const InferContext& context) {
  return {*context.input(0)};
}

/// A definition that breaks no rule.
OpDef good_op() {
  return {.domain = "test",
          .name = "twice",
          .doc = "Doubles.",
          .formula = "y = 2*x",
          .inputs = {{.name = "x", .doc = "[.., D] float"}},
          .outputs = {"y"},
          .infer = first,
          .decomposition = "- return: add(x, x)\n",
          .provider = "tester"};
}

/// The message with which a definition is refused, after `change` spoilt a good one.
template <class Change>
std::string refusal(Change&& change) {
  OpDef op = good_op();
  change(op);
  OpRegistry registry;
  return error_of(ErrorKind::plugin, [&] { registry.add(op); });
}

}  // namespace

TEST_CASE("ops are found by domain and name, the newest version first") {
  OpRegistry registry;
  OpDef op = good_op();
  op.version = 2;
  registry.add(op);
  op.version = 1;
  registry.add(op);
  REQUIRE(registry.find("test", "twice"));
  CHECK(registry.find("test", "twice")->version == 2);
  CHECK(registry.find("test", "thrice") == nullptr);
  CHECK(registry.find("sirocco", "twice") == nullptr);
  REQUIRE(registry.all().size() == 2);
  CHECK(registry.all()[0]->version == 1);
  CHECK(registry.all()[0]->full_name() == "test.twice");
}

TEST_CASE("definitions stay where they are while others are added") {
  OpRegistry registry;
  registry.add(good_op());
  const OpDef* before = registry.find("test", "twice");
  for (uint32_t version = 2; version < 50; ++version) {
    OpDef op = good_op();
    op.version = version;
    registry.add(op);
  }
  CHECK(before->version == 1);
  CHECK(registry.all()[0] == before);
}

TEST_CASE("a name and version is taken once, and a domain has one provider") {
  OpRegistry registry;
  registry.add(good_op());
  CHECK(error_of(ErrorKind::plugin, [&] { registry.add(good_op()); }) ==
        "op 'test.twice' of plugin tester: version 1 is defined already, by plugin tester");
  OpDef stranger = good_op();
  stranger.name = "thrice";
  stranger.provider = "other";
  CHECK(error_of(ErrorKind::plugin, [&] { registry.add(stranger); }).find("belongs to plugin") !=
        std::string::npos);
  CHECK(registry.all().size() == 1);
}

TEST_CASE("a good definition is accepted") {
  CHECK(refusal([](OpDef&) {}).empty());
  CHECK(refusal([](OpDef& op) {
          op.inputs.push_back({.name = "more", .variadic = true});
          op.attrs.push_back({.name = "f",
                              .type = SIROCCO_ATTR_FLOAT,
                              .fallback = std::monostate{},
                              .nullable = true});
        }).empty());
}

TEST_CASE("definitions that break a rule are refused with the rule") {
  const auto says = [](const std::string& message, const std::string& part) {
    INFO(message);
    CHECK(message.find(part) != std::string::npos);
  };
  says(refusal([](OpDef& op) { op.name = "Twice"; }), "is not of the form");
  says(refusal([](OpDef& op) { op.name = ""; }), "is not of the form");
  says(refusal([](OpDef& op) { op.name = std::string(65, 'a'); }), "is not of the form");
  says(refusal([](OpDef& op) { op.domain = "my-domain"; }), "is not of the form");
  says(refusal([](OpDef& op) { op.domain = "sirocco"; }), "needs a domain of its own");
  says(refusal([](OpDef& op) { op.provider = ""; }), "needs a provider");
  says(refusal([](OpDef& op) { op.version = 0; }), "version must be 1 or more");
  says(refusal([](OpDef& op) { op.doc = " "; }), "doc is missing");
  says(refusal([](OpDef& op) { op.doc = "two\nlines"; }), "doc must be one line");
  says(refusal([](OpDef& op) { op.formula = ""; }), "formula is missing");
  says(refusal([](OpDef& op) { op.infer = nullptr; }), "shape inference is missing");
  says(refusal([](OpDef& op) { op.decomposition = ""; }), "decomposition is missing");
  says(refusal([](OpDef& op) { op.outputs = {}; }), "has no output");
  says(refusal([](OpDef& op) { op.outputs = {"y", "y"}; }), "output name y is used twice");
  says(refusal([](OpDef& op) { op.outputs = {"a b"}; }), "output name 'a b'");
}

TEST_CASE("inputs that break a rule are refused") {
  const auto says = [](std::vector<InputSpec> inputs, const std::string& part) {
    const std::string message = refusal([&](OpDef& op) { op.inputs = std::move(inputs); });
    INFO(message);
    CHECK(message.find(part) != std::string::npos);
  };
  says({{.name = "x"}, {.name = "x"}}, "the name x is used twice");
  says({{.name = "9"}}, "input name '9'");
  says({{.name = "a", .optional = true}, {.name = "b"}},
       "required input b follows an optional one");
  says({{.name = "a", .variadic = true}, {.name = "b"}}, "variadic input a is not the last one");
  says({{.name = "a", .optional = true, .variadic = true}}, "cannot be optional");
  says({{.name = "a", .use = 9}}, "unknown use");
}

TEST_CASE("attributes that break a rule are refused") {
  const auto says = [](AttrSpec attr, const std::string& part) {
    const std::string message = refusal([&](OpDef& op) { op.attrs = {std::move(attr)}; });
    INFO(message);
    CHECK(message.find(part) != std::string::npos);
  };
  says({.name = "x", .type = SIROCCO_ATTR_INT}, "the name x is used twice");
  says({.name = "a"}, "no known type");
  says({.name = "a", .type = 99}, "no known type");
  says({.name = "a", .type = SIROCCO_ATTR_INT, .choices = {"b"}}, "choices but is no string");
  says({.name = "a", .type = SIROCCO_ATTR_INT, .fallback = std::monostate{}}, "must be int");
  says({.name = "a", .type = SIROCCO_ATTR_INT, .fallback = "1"}, "must be int");
  says({.name = "a", .type = SIROCCO_ATTR_FLOAT, .fallback = int64_t{1}}, "not of its type");
  says({.name = "a", .type = SIROCCO_ATTR_STRING, .fallback = "x", .choices = {"y"}},
       "expected one of y");
  says({.name = "a", .type = SIROCCO_ATTR_STATE, .fallback = StateRef{}}, "has no default");
}

TEST_CASE("the built-in ops are there, each with its own name and one domain") {
  const auto all = builtin_ops().all();
  CHECK(all.size() >= 19);
  for (const OpDef* op : all) {
    INFO(op->name);
    CHECK(op->domain == "sirocco");
    CHECK(op->provider.empty());
    CHECK(builtin_ops().find("sirocco", op->name) != nullptr);
    for (const InputSpec& input : op->inputs) CHECK_FALSE(input.doc.empty());
    for (const AttrSpec& attr : op->attrs) CHECK_FALSE(attr.doc.empty());
  }
  CHECK(builtin("swiglu").decomposition == "- return: mul(silu(gate), up)\n");
  CHECK(builtin("embedding").inputs[1].use == SIROCCO_USE_GATHER);
  CHECK(builtin("linear").inputs[1].use == SIROCCO_USE_MANY_ROWS);
}

TEST_CASE("a misspelt op is recognised") {
  CHECK(builtin_ops().suggest("atention") == "attention");
  CHECK(builtin_ops().suggest("rmsnorm") == "rms_norm");
  CHECK(builtin_ops().suggest("softmx") == "softmax");
  CHECK(builtin_ops().suggest("quicksort").empty());
}
