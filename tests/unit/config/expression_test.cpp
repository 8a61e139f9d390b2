#include "config/expression.hpp"

#include <map>

#include "catch.hpp"
#include "config/expression_eval.hpp"
#include "document_files.hpp"

using namespace sirocco;

namespace {

class Names : public ExprScope {
 public:
  std::map<std::string, ExprValue> values = {
      {"n", int64_t{6}},
      {"x", 0.5},
      {"s", std::string("half")},
      {"no", false},
      {"a.b", int64_t{7}},
      {"nothing", ExprValue()},
      {"list", ExprValue::List{int64_t{1}, ExprValue(), std::string("z")}}};
  std::optional<ExprValue> find(const std::string& name) override {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional<ExprValue>(found->second);
  }
  std::vector<std::string> names() const override { return {"n", "nothing", "list"}; }
};

YamlNode node_of(const std::string& text, bool quoted = false) {
  YamlNode node;
  node.kind = YamlNode::Kind::scalar;
  node.place = {"f.yaml", 3, 10};
  node.scalar = text;
  node.quoted = quoted;
  return node;
}

std::string result(const std::string& text) {
  Names names;
  ExprBudget budget;
  return evaluate(parse_expression(node_of(text)), names, budget).to_string();
}

std::string error(const std::string& text, bool quoted = false) {
  return message_of([&] {
    Names names;
    ExprBudget budget;
    evaluate(parse_expression(node_of(text, quoted)), names, budget);
  });
}

}  // namespace

TEST_CASE("Arithmetic keeps integers exact and floats finite") {
  CHECK(result("1 + 2 * 3 - 4") == "3");
  CHECK(result("(1 + 2) * 3") == "9");
  CHECK(result("7 // 2") == "3");
  CHECK(result("-7 // 2") == "-4");
  CHECK(result("-7 % 3") == "2");
  CHECK(result("7 % -3") == "-2");
  CHECK(result("-7.5 % 2") == "0.5");
  CHECK(result("12 / 4") == "3");
  CHECK(result("7 / 2.0") == "3.5");
  CHECK(result("7.5 // 2") == "3.0");
  CHECK(result("- - 2") == "2");
  CHECK(result("1e3") == "1000.0");
  CHECK(result(".5 + 1.") == "1.5");
  CHECK(result("9223372036854775807") == "9223372036854775807");
  CHECK(result("-9223372036854775807 - 1") == "-9223372036854775808");
  CHECK(result("(-9223372036854775807 - 1) % -1") == "0");
}

TEST_CASE("Comparisons, conditions and membership") {
  CHECK(result("1 == 1.0") == "true");
  CHECK(result("9007199254740993 == 9007199254740992.0") == "false");
  CHECK(result("9007199254740993 > 9007199254740992.0") == "true");
  CHECK(result("nothing == null") == "true");
  CHECK(result("0 == null") == "false");
  CHECK(result("0 == false") == "false");
  CHECK(result("'a' < 'b' and s != \"full\"") == "true");
  CHECK(result("not no and n >= 6") == "true");
  CHECK(result("no or n < 6") == "false");
  CHECK(result("no ? 1 : n > 5 ? 2 : 3") == "2");
  CHECK(result("s in ['half', 'interleaved']") == "true");
  CHECK(result("null not in list") == "false");
  CHECK(result("'al' in s") == "true");
  CHECK(result("[1, 2] == [1.0, 2]") == "true");
  CHECK(result("list[2]") == "'z'");
  CHECK(result("list[n % 5 - 1]") == "1");
  CHECK(result("a.b") == "7");
}

TEST_CASE("What is not needed is not evaluated") {
  CHECK(result("no and 1 / 0 == 1") == "false");
  CHECK(result("not no or 1 / 0 == 1") == "true");
  CHECK(result("no ? unknown : 4") == "4");
}

TEST_CASE("Functions") {
  CHECK(result("min(3, 1.5, 2)") == "1.5");
  CHECK(result("max([3, 9])") == "9");
  CHECK(result("ceil(1.2) + floor(-1.2)") == "0");
  CHECK(result("floor(3)") == "3");
  CHECK(result("len(list) + len(s)") == "7");
  CHECK(result("log(exp(1))") == "1.0");
  CHECK(result("sqrt(16)") == "4.0");
  CHECK(result("float(7) / 2") == "3.5");
}

TEST_CASE("Errors of evaluation say what and where") {
  CHECK(error("7 / 2") ==
        "f.yaml:3:12: 7 / 2 is no integer, expected '//' to round down, or a float");
  CHECK(error("1 + n // 0") == "f.yaml:3:16: 6 // 0 divides by zero");
  CHECK_THAT(error("1.0 % 0"), holds("divides by zero"));
  CHECK_THAT(error("9223372036854775807 + 1"), holds("overflows 64 bits"));
  CHECK_THAT(error("-(-9223372036854775807 - 1)"), holds("overflows 64 bits"));
  CHECK_THAT(error("(-9223372036854775807 - 1) // -1"), holds("overflows 64 bits"));
  CHECK_THAT(error("4611686018427387904 * 2"), holds("overflows 64 bits"));
  CHECK_THAT(error("1e308 * 10"), holds("beyond a double's range"));
  CHECK_THAT(error("exp(1000)"), holds("beyond a double's range"));
  CHECK_THAT(error("ceil(1e19)"), holds("beyond 64 bits"));
  CHECK_THAT(error("log(0)"), holds("expected a number above 0"));
  CHECK_THAT(error("sqrt(-1)"), holds("expected a number from 0"));
  CHECK_THAT(error("n + s"), holds("'+' with the string 'half', expected numbers"));
  CHECK_THAT(error("no + 1"), holds("the boolean false"));
  CHECK_THAT(error("n < s"), holds("expected two numbers or two strings"));
  CHECK_THAT(error("n ? 1 : 2"), holds("expected true or false"));
  CHECK_THAT(error("not n"), holds("expected true or false"));
  CHECK_THAT(error("list[3]"), holds("index 3 into a list of 3 items"));
  CHECK_THAT(error("list[-1]"), holds("index -1"));
  CHECK_THAT(error("list[x]"), holds("expected an integer"));
  CHECK_THAT(error("n[0]"), holds("expected a list"));
  CHECK_THAT(error("[[1]]"), holds("a list in a list"));
  CHECK_THAT(error("min()"), holds("expected at least one number"));
  CHECK_THAT(error("min('a')"), holds("expected a number"));
  CHECK_THAT(error("floor(1, 2)"), holds("expected one"));
  CHECK_THAT(error("len(3)"), holds("expected a list or a string"));
  CHECK_THAT(error("len(x=list)"), holds("takes no argument by name"));
  CHECK(error("2 * nothin") == "f.yaml:3:14: unknown name 'nothin' (did you mean 'nothing'?)");
  CHECK_THAT(error("flor(1)"), holds("did you mean 'floor'?"));
}

TEST_CASE("Errors of syntax point at what was not expected") {
  CHECK(error("1 +") == "f.yaml:3:13: the end here, expected a value, a name or '('");
  CHECK(error("1 +", true) == "f.yaml:3:14: the end here, expected a value, a name or '('");
  CHECK_THAT(error(""), holds("the end here"));
  CHECK_THAT(error("1 2"), holds("'2' here, expected an operator or the end"));
  CHECK_THAT(error("a && b"), holds("expected 'and'"));
  CHECK_THAT(error("a || b"), holds("expected 'or'"));
  CHECK_THAT(error("!a"), holds("expected 'not'"));
  CHECK_THAT(error("n = 6"), holds("expected an operator or the end"));
  CHECK_THAT(error("f(a + 1=2)"), holds("equality is '=='"));
  CHECK_THAT(error("f(a=1, 2)"), holds("an argument without a name after one with a name"));
  CHECK_THAT(error("f(a=1, a=2)"), holds("'a' is given twice"));
  CHECK_THAT(error("(1"), holds("expected ')'"));
  CHECK_THAT(error("[1 2]"), holds("expected ','"));
  CHECK_THAT(error("no ? 1"), holds("expected ':'"));
  CHECK_THAT(error("'open"), holds("without its closing quote"));
  CHECK_THAT(error("99999999999999999999"), holds("beyond 64 bits"));
  CHECK_THAT(error("1e999"), holds("beyond a double's range"));
  CHECK_THAT(error("12abc"), holds("is no number"));
  CHECK_THAT(error("1e"), holds("is no number"));
  CHECK_THAT(error("a."), holds("'.' is not part of the language"));
  CHECK_THAT(error("a.{1"), holds("expected '}'"));
  CHECK_THAT(error("and"), holds("'and' here"));
  CHECK_THAT(error("1 < 2 < 3"), holds("'<' here"));
  CHECK_THAT(error("ä"), holds("'ä' is not part of the language"));
}

TEST_CASE("Size and depth of an expression are limited") {
  CHECK_THAT(error(repeated("(", 5000)), holds("more than 64 levels"));
  CHECK_THAT(error(repeated("-", 5000)), holds("more than 64 levels"));
  CHECK_THAT(error(repeated("not ", 2000)), holds("more than 64 levels"));
  CHECK_THAT(error("1" + repeated("+1", 2000)), holds("more than 64 levels"));
  CHECK_THAT(error("n" + repeated("[0]", 2000)), holds("more than 64 levels"));
  CHECK_THAT(error(repeated("no?1:", 1000) + "1"), holds("more than 64 levels"));
  CHECK_THAT(error(repeated("[", 1000)), holds("more than 64 levels"));
  CHECK_THAT(error(repeated("1 ", 5000)), holds("expected at most 8192"));
  CHECK(result("1" + repeated("+1", 50)) == "51");
}

TEST_CASE("Null and lists of a document are literals; lists of expressions are cut at commas") {
  YamlNode null;
  CHECK(parse_expression(null).root.value.is_null());
  YamlNode list;
  list.kind = YamlNode::Kind::sequence;
  list.items = {node_of("4096"), null};
  CHECK(parse_expression(list).root.value.to_string() == "[4096, null]");
  const std::vector<Expression> two = parse_expressions(node_of("f(a, b), [1, 2]"));
  REQUIRE(two.size() == 2);
  CHECK(two[0].root.kind == Expr::Kind::call);
  CHECK(two[1].root.items.size() == 2);
  CHECK_THAT(message_of([] { parse_expressions(node_of("a,")); }), holds("the end here"));
}
