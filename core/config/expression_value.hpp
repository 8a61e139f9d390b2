#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "graph/graph.hpp"

namespace sirocco {

struct ExprValue;
struct ExprBudget;

/// Something that an expression can pass on but not calculate with: a tensor, a state, …
class ExprObject {
 public:
  ExprObject() = default;
  ExprObject(const ExprObject&) = delete;
  ExprObject& operator=(const ExprObject&) = delete;
  virtual ~ExprObject() = default;
  /// "a tensor", for messages.
  virtual std::string describe() const = 0;
  /// What is at an index ≥ 0, asked for at `place`. Throws Error(invalid_file) with a place.
  virtual ExprValue at(int64_t index, const Place& place, ExprBudget& budget) const;
};

/// What an expression can be: null, bool, int, float, string, a list, or an opaque object.
struct ExprValue {
  using List = std::vector<ExprValue>;
  using Object = std::shared_ptr<const ExprObject>;
  std::variant<std::monostate, bool, int64_t, double, std::string, List, Object> data;

  ExprValue() = default;
  template <typename T>
  requires(!std::is_same_v<std::remove_cvref_t<T>, ExprValue>) ExprValue(T&& value)
      : data(std::forward<T>(value)) {}  // NOLINT: values convert

  bool is_null() const { return std::holds_alternative<std::monostate>(data); }
  bool is_number() const { return as<int64_t>() != nullptr || as<double>() != nullptr; }
  template <typename T>
  const T* as() const {
    return std::get_if<T>(&data);
  }
  /// The object as a T; nullptr where it is something else.
  template <typename T>
  const T* object() const {
    const Object* held = std::get_if<Object>(&data);
    return held == nullptr ? nullptr : dynamic_cast<const T*>(held->get());
  }

  /// Numbers compare by value, whatever their kind; values of different types are unequal.
  bool operator==(const ExprValue& other) const;

  /// "the integer 3", "a list", "null", …, for messages.
  std::string describe() const;
  /// As it would be written: 3, 0.5, 'half', null, [1, 2]. Floats read back exactly.
  std::string to_string() const;
};

/// A number, wide enough for both kinds to be compared exactly.
long double wide_number(const ExprValue& value);

/// Steps and levels that evaluation may still take, over all expressions of one task, so that no
/// document hangs or overflows the stack.
struct ExprBudget {
  uint64_t steps = 2'000'000;
  uint32_t levels = 256;
};

}  // namespace sirocco
