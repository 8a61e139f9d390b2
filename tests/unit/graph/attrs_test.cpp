#include "graph/attrs.hpp"

#include "catch.hpp"
#include "graph_builders.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

std::string complete_error(const std::string& op, std::vector<Attr> attrs) {
  return error_of(ErrorKind::invalid_file, [&] { complete_attrs(builtin(op), attrs); });
}

}  // namespace

TEST_CASE("defaults are filled in, in the order of the schema") {
  const auto attrs = complete_attrs(builtin("rope"),
                                    {{"style", "half"}, {"head_dim", int64_t{8}}, {"theta", 1e4}});
  REQUIRE(attrs.size() == 4);
  CHECK(attrs[0].name == "theta");
  CHECK(attrs[1].name == "head_dim");
  CHECK(attrs[2].name == "style");
  CHECK(attrs[3].name == "rotary_dim");
  CHECK(attrs[3].value == AttrValue{std::monostate{}});
}

TEST_CASE("a float takes an int and becomes a float; an int takes no float") {
  const auto attrs = complete_attrs(builtin("rms_norm"), {{"eps", int64_t{1}}});
  CHECK(attrs[0].value == AttrValue{1.0});
  CHECK(complete_error("top_k", {{"k", 2.0}}).find("attribute k is float 2 but must be int") !=
        std::string::npos);
}

TEST_CASE("null goes where it may") {
  const AttrSpec open{.name = "w", .type = SIROCCO_ATTR_INT, .nullable = true};
  const AttrSpec closed{.name = "w", .type = SIROCCO_ATTR_INT};
  CHECK(coerce_attr(builtin("add"), open, std::monostate{}) == AttrValue{std::monostate{}});
  CHECK(coerce_attr(builtin("add"), open, int64_t{4}) == AttrValue{int64_t{4}});
  CHECK_THROWS_AS(coerce_attr(builtin("add"), closed, std::monostate{}), Error);
  CHECK(complete_error("rms_norm", {{"eps", std::monostate{}}}) ==
        "rms_norm: attribute eps is null but must be float");
}

TEST_CASE("lists of ints become lists of floats") {
  const AttrSpec floats{.name = "f", .type = SIROCCO_ATTR_FLOATS};
  CHECK(coerce_attr(builtin("add"), floats, std::vector<int64_t>{1, 2}) ==
        AttrValue{std::vector<double>{1, 2}});
}

TEST_CASE("wrong attributes are named, with what was meant") {
  CHECK(complete_error("rms_norm", {}).find("attribute eps (float") != std::string::npos);
  CHECK(complete_error("rms_norm", {{"epz", 1e-5}}) ==
        "rms_norm: unknown attribute 'epz' (did you mean 'eps'?)");
  CHECK(complete_error("rms_norm", {{"eps", 1.0}, {"eps", 2.0}}) ==
        "rms_norm: attribute eps is given twice");
  CHECK(complete_error("gelu", {{"approximate", "tahn"}}).find("did you mean 'tanh'?") !=
        std::string::npos);
  CHECK(complete_error("gelu", {{"approximate", true}}).find("is bool true but must be string") !=
        std::string::npos);
  CHECK(complete_error("cast", {{"dtype", "i32"}}).find("expected one of activation, f32") !=
        std::string::npos);
}

TEST_CASE("the activations' dtype is put in where it was left open") {
  std::vector<Attr> attrs = {{"dtype", "activation"}, {"other", "activation"}};
  resolve_activation_dtype(attrs, SIROCCO_DTYPE_BF16);
  CHECK(attrs[0].value == AttrValue{"bf16"});
  CHECK(attrs[1].value == AttrValue{"activation"});
  attrs = {{"dtype", "f64"}};
  resolve_activation_dtype(attrs, SIROCCO_DTYPE_BF16);
  CHECK(attrs[0].value == AttrValue{"f64"});
}

TEST_CASE("values are read from text as YAML writes them") {
  CHECK(parse_attr_text(SIROCCO_ATTR_INT, " -3 ") == AttrValue{int64_t{-3}});
  CHECK(parse_attr_text(SIROCCO_ATTR_FLOAT, "1e-5") == AttrValue{1e-5});
  CHECK(parse_attr_text(SIROCCO_ATTR_BOOL, "false") == AttrValue{false});
  CHECK(parse_attr_text(SIROCCO_ATTR_STRING, "'half'") == AttrValue{"half"});
  CHECK(parse_attr_text(SIROCCO_ATTR_STRING, "half") == AttrValue{"half"});
  CHECK(parse_attr_text(SIROCCO_ATTR_INTS, "[1, -2]") == AttrValue{std::vector<int64_t>{1, -2}});
  CHECK(parse_attr_text(SIROCCO_ATTR_INTS, "[]") == AttrValue{std::vector<int64_t>{}});
  CHECK(parse_attr_text(SIROCCO_ATTR_FLOATS, "[.5, 2]") == AttrValue{std::vector<double>{.5, 2}});
  CHECK(parse_attr_text(SIROCCO_ATTR_INT, "null") == AttrValue{std::monostate{}});
}

TEST_CASE("text that is no value is refused") {
  for (const char* text : {"", "x", "1.5", "99999999999999999999", "1 2", "++1", "+-1"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_attr_text(SIROCCO_ATTR_INT, text), Error);
  }
  for (const char* text : {"", "1", "[1", "[1,]", "[,]", "[1 2]"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_attr_text(SIROCCO_ATTR_INTS, text), Error);
  }
  CHECK_THROWS_AS(parse_attr_text(SIROCCO_ATTR_BOOL, "yes"), Error);
  CHECK_THROWS_AS(parse_attr_text(SIROCCO_ATTR_STATE, "0"), Error);
  CHECK_THROWS_AS(parse_attr_text(77, "0"), Error);
}

TEST_CASE("values print as they are read") {
  CHECK(attr_to_string(AttrValue{1e-5}) == "1e-05");
  CHECK(attr_to_string(AttrValue{std::vector<int64_t>{1, 2}}) == "[1, 2]");
  CHECK(attr_to_string(AttrValue{std::vector<double>{0.5}}) == "[0.5]");
  CHECK(attr_to_string(AttrValue{std::monostate{}}) == "null");
  CHECK(attr_to_string(AttrValue{true}) == "true");
  CHECK(attr_to_string(AttrValue{StateRef{3}}) == "state 3");
}
