#include "config/expression_math.hpp"

#include <cmath>

#include <sirocco/error.hpp>

#include "config/expression.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorKind::invalid_file, what);
}

double as_double(const ExprValue& value) {
  if (const auto* integer = value.as<int64_t>()) return static_cast<double>(*integer);
  return *value.as<double>();
}

template <typename What>
double finite(double value, const What& what) {
  if (!std::isfinite(value)) fail(what() + " is beyond a double's range");
  return value;
}

std::string written(const std::string& symbol, const ExprValue& left, const ExprValue& right) {
  return left.to_string() + " " + symbol + " " + right.to_string();
}

int64_t floor_divide(int64_t a, int64_t b) {
  return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0);
}

int64_t of_integers(const std::string& symbol, int64_t a, int64_t b) {
  const auto what = [&] { return written(symbol, a, b); };
  int64_t result = 0;
  bool overflow = false;
  if (symbol == "+") {
    overflow = __builtin_add_overflow(a, b, &result);
  } else if (symbol == "-") {
    overflow = __builtin_sub_overflow(a, b, &result);
  } else if (symbol == "*") {
    overflow = __builtin_mul_overflow(a, b, &result);
  } else {
    if (b == 0) fail(what() + " divides by zero");
    // The one quotient that does not fit; its remainder is 0, but the processor traps.
    if (b == -1) {
      if (symbol == "%") return 0;
      overflow = __builtin_sub_overflow(int64_t{0}, a, &result);
    } else if (symbol == "%") {
      return a - floor_divide(a, b) * b;
    } else {
      result = floor_divide(a, b);
      if (symbol == "/" && result * b != a) {
        fail(what() + " is no integer, expected '//' to round down, or a float");
      }
    }
  }
  if (overflow) fail(what() + " overflows 64 bits");
  return result;
}

double of_floats(const std::string& symbol, double a, double b) {
  const auto what = [&] { return written(symbol, a, b); };
  if (symbol == "+") return finite(a + b, what);
  if (symbol == "-") return finite(a - b, what);
  if (symbol == "*") return finite(a * b, what);
  if (b == 0) fail(what() + " divides by zero");
  if (symbol == "/") return finite(a / b, what);
  const double quotient = finite(std::floor(a / b), what);
  return symbol == "//" ? quotient : finite(a - quotient * b, what);
}

bool by_order(const std::string& symbol, int order) {
  if (symbol == "==") return order == 0;
  if (symbol == "!=") return order != 0;
  if (symbol == "<") return order < 0;
  if (symbol == "<=") return order <= 0;
  return symbol == ">" ? order > 0 : order >= 0;
}

int64_t to_integer(double value, const std::string& what) {
  // 2^63 is exact as a double; everything below it and not below -2^63 fits.
  if (!(value >= -0x1p63 && value < 0x1p63)) fail(what + " is beyond 64 bits");
  return static_cast<int64_t>(value);
}

void require_number(const std::string& name, const ExprValue& value) {
  if (!value.is_number()) fail(name + "() of " + value.describe() + ", expected a number");
}

ExprValue extreme(const std::string& name, const std::vector<ExprValue>& arguments) {
  const auto* list = arguments.size() == 1 ? arguments[0].as<ExprValue::List>() : nullptr;
  const std::vector<ExprValue>& values = list != nullptr ? *list : arguments;
  if (values.empty()) fail(name + "() of nothing, expected at least one number");
  const ExprValue* best = nullptr;
  for (const ExprValue& value : values) {
    require_number(name, value);
    if (best == nullptr || compare(name == "min" ? "<" : ">", value, *best)) best = &value;
  }
  return *best;
}

ExprValue length(const ExprValue& value) {
  if (const auto* list = value.as<ExprValue::List>()) return static_cast<int64_t>(list->size());
  if (const auto* text = value.as<std::string>()) return static_cast<int64_t>(text->size());
  fail("len() of " + value.describe() + ", expected a list or a string");
}

}  // namespace

ExprValue arithmetic(const std::string& symbol, const ExprValue& left, const ExprValue& right) {
  for (const ExprValue* side : {&left, &right}) {
    if (side->is_number()) continue;
    fail(in_quotes(symbol) + " with " + side->describe() + ", expected numbers");
  }
  const auto* a = left.as<int64_t>();
  const auto* b = right.as<int64_t>();
  if (a != nullptr && b != nullptr) return of_integers(symbol, *a, *b);
  return of_floats(symbol, as_double(left), as_double(right));
}

ExprValue negated(const ExprValue& value) {
  if (const auto* number = value.as<double>()) return -*number;
  if (value.as<int64_t>() == nullptr) fail("'-' with " + value.describe() + ", expected a number");
  return of_integers("-", 0, *value.as<int64_t>());
}

bool compare(const std::string& symbol, const ExprValue& left, const ExprValue& right) {
  if (symbol == "==" || symbol == "!=") return (left == right) == (symbol == "==");
  if (left.is_number() && right.is_number()) {
    const long double a = wide_number(left);
    const long double b = wide_number(right);
    return by_order(symbol, a < b ? -1 : a > b);
  }
  const auto* a = left.as<std::string>();
  const auto* b = right.as<std::string>();
  if (a == nullptr || b == nullptr) {
    fail(in_quotes(symbol) + " between " + left.describe() + " and " + right.describe() +
         ", expected two numbers or two strings");
  }
  return by_order(symbol, a->compare(*b));
}

bool contains(const ExprValue& container, const ExprValue& value) {
  if (const auto* list = container.as<ExprValue::List>()) {
    for (const ExprValue& item : *list) {
      if (item == value) return true;
    }
    return false;
  }
  const auto* text = container.as<std::string>();
  const auto* part = value.as<std::string>();
  if (text != nullptr && part != nullptr) return text->find(*part) != std::string::npos;
  fail("'in' with " + container.describe() + ", expected a list, or two strings");
}

const std::vector<std::string>& builtin_functions() {
  static const std::vector<std::string> names = {"min", "max",  "ceil", "floor", "log",
                                                 "exp", "sqrt", "len",  "float"};
  return names;
}

ExprValue call_builtin(const std::string& name, const std::vector<ExprValue>& arguments) {
  if (name == "min" || name == "max") return extreme(name, arguments);
  if (arguments.size() != 1) {
    fail(name + "() of " + std::to_string(arguments.size()) + " arguments, expected one");
  }
  const ExprValue& value = arguments[0];
  const std::string what = name + "(" + value.to_string() + ")";
  if (name == "len") return length(value);
  require_number(name, value);
  if (name == "ceil" || name == "floor") {
    if (value.as<int64_t>() != nullptr) return value;
    const double number = *value.as<double>();
    return to_integer(name == "ceil" ? std::ceil(number) : std::floor(number), what);
  }
  const double number = as_double(value);
  if (name == "float") return number;
  if (name == "exp") return finite(std::exp(number), [&] { return what; });
  if (name == "sqrt") {
    if (number < 0) fail(what + ", expected a number from 0");
    return std::sqrt(number);
  }
  if (number <= 0) fail(what + ", expected a number above 0");
  return std::log(number);
}

}  // namespace sirocco
