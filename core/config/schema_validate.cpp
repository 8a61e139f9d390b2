#include <algorithm>
#include <variant>

#include "config/scalar.hpp"
#include "config/schema.hpp"
#include "config/text.hpp"

namespace sirocco::schema {
namespace {

using Kind = Type::Kind;

/// More help nobody, and a hostile document can have a hundred thousand.
constexpr size_t kMaxDiagnostics = 200;

/// Whether a node is of a type's shape, whatever its content; decides between alternatives.
bool has_shape(const YamlNode& node, const Type& type) {
  if (node.is_null() && type.nullable) return true;
  switch (type.kind) {
    case Kind::list:
      return node.is_sequence();
    case Kind::map:
      return node.is_map();
    case Kind::table: {
      const std::string& key = type.table().chosen_by;
      return node.is_map() && (key.empty() || node.find(key) != nullptr);
    }
    case Kind::any_of:
      return std::any_of(type.inner.begin(), type.inner.end(),
                         [&](const Type& inner) { return has_shape(node, inner); });
    case Kind::literal:
    case Kind::expression:
      return node.is_scalar() || node.is_null();
    default:
      return node.is_scalar();
  }
}

class Validator {
 public:
  std::vector<Diagnostic> take() { return std::move(diagnostics_); }

  /// `subject` names the value in messages: "'heads'".
  void check(const YamlNode& node, const Type& type, const std::string& subject) {
    if (node.is_null() && type.nullable) return;
    switch (type.kind) {
      case Kind::list:
        return check_list(node, type, subject);
      case Kind::map:
        return check_map(node, type, subject);
      case Kind::table:
        if (!node.is_map()) return expected(node, type, subject);
        return check_table(node, type.table(), false);
      case Kind::any_of:
        return check_any_of(node, type, subject);
      case Kind::literal:
        return check_literal(node, type, subject);
      case Kind::expression:
        if (!node.is_scalar() && !node.is_null()) expected(node, type, subject);
        return;
      default:
        return check_scalar(node, type, subject);
    }
  }

  void check_table(const YamlNode& node, const Table& table, bool partial) {
    partial_ = partial;
    const YamlNode* other = nullptr;
    for (const auto& [key, value] : node.entries) {
      const Key* known = find_key(table, key.scalar);
      if (known == nullptr && !table.any_value.empty()) {
        check_any_value(node, table, other, key, value);
        other = &key;
      } else if (known == nullptr) {
        unknown_key(key, table);
      } else if (!(partial && value.is_null())) {
        partial_ = partial;
        check(value, known->type, in_quotes(known->name));
      }
    }
    for (const Key& key : table.keys) {
      if (!key.required || partial || node.find(key.name) != nullptr) continue;
      add(node.place, in_quotes(key.name) + " is missing from this " + table.name + ", expected " +
                          describe(key.type) + ": " + key.doc);
    }
    if (!table.any_value.empty() && other == nullptr) {
      add(node.place, "this " + table.name + " is empty, expected a name and its value");
    }
  }

 private:
  static const Key* find_key(const Table& table, const std::string& name) {
    for (const Key& key : table.keys) {
      if (key.name == name) return &key;
    }
    return nullptr;
  }

  void add(const Place& place, std::string message) {
    if (diagnostics_.size() < kMaxDiagnostics) diagnostics_.push_back({place, std::move(message)});
  }

  void expected(const YamlNode& node, const Type& type, const std::string& subject) {
    add(node.place, describe_node(node) + " for " + subject + ", expected " + describe(type));
  }

  void unknown_key(const YamlNode& key, const Table& table) {
    std::vector<std::string> names;
    for (const Key& known : table.keys) names.push_back(known.name);
    const std::string near = did_you_mean(key.scalar, names);
    add(key.place, "unknown key " + in_quotes(key.scalar) + " in this " + table.name +
                       (near.empty() ? ", expected " + one_of(names) : near));
  }

  void check_any_value(const YamlNode& node, const Table& table, const YamlNode* other,
                       const YamlNode& key, const YamlNode& value) {
    if (other != nullptr) {
      return add(key.place, "a second name " + in_quotes(key.scalar) + " in one " + table.name +
                                ", expected " + table.many_hint);
    }
    if (node.entries.size() == 1 && !table.any_key->matches(key.scalar)) {
      return add(key.place, "name " + in_quotes(key.scalar) + " of this " + table.name +
                                ", expected " + table.any_key->what);
    }
    check(value, table.any_value.front(), in_quotes(key.scalar));
  }

  void check_list(const YamlNode& node, const Type& type, const std::string& subject) {
    if (!node.is_sequence()) return expected(node, type, subject);
    if (node.items.size() < type.min_items) {
      add(node.place, subject + " is empty, expected at least one item");
    }
    for (const YamlNode& item : node.items) {
      check(item, type.inner.front(), "an item of " + subject);
    }
  }

  void check_map(const YamlNode& node, const Type& type, const std::string& subject) {
    if (!node.is_map()) return expected(node, type, subject);
    const bool removable = partial_ && type.merges;
    partial_ = false;
    for (const auto& [key, value] : node.entries) {
      if (!type.format->matches(key.scalar)) {
        add(key.place,
            "key " + in_quotes(key.scalar) + " in " + subject + ", expected " + type.format->what);
      }
      if (removable && value.is_null()) continue;
      check(value, type.inner.front(), in_quotes(key.scalar));
    }
  }

  void check_any_of(const YamlNode& node, const Type& type, const std::string& subject) {
    for (const Type& inner : type.inner) {
      // Of several scalar alternatives the first that accepts the text; else the last one's error.
      const bool last = &inner == &type.inner.back();
      if (!has_shape(node, inner)) continue;
      if (!last && is_scalar_kind(inner) && !accepts(node, inner)) continue;
      if (is_scalar_kind(inner) && !accepts(node, inner)) break;
      return check(node, inner, subject);
    }
    expected(node, type, subject);
  }

  static bool is_scalar_kind(const Type& type) {
    return type.kind != Kind::list && type.kind != Kind::map && type.kind != Kind::table;
  }

  static bool accepts(const YamlNode& node, const Type& type) {
    Validator trial;
    trial.check(node, type, "");
    return trial.diagnostics_.empty();
  }

  void check_literal(const YamlNode& node, const Type& type, const std::string& subject) {
    if (node.is_map()) return expected(node, type, subject);
    if (!node.is_sequence()) {
      read(node);
      return;
    }
    for (const YamlNode& item : node.items) {
      if (item.is_map() || item.is_sequence()) {
        expected(item, type, "an item of " + subject);
      } else {
        read(item);
      }
    }
  }

  /// The value of a scalar; null after an overflow, which is then reported.
  ScalarValue read(const YamlNode& node) {
    try {
      return scalar_value(node);
    } catch (const DocumentError& error) {
      for (const Diagnostic& found : error.diagnostics()) add(found.place, found.message);
      return {};
    }
  }

  void check_scalar(const YamlNode& node, const Type& type, const std::string& subject) {
    if (node.is_map() || node.is_sequence()) return expected(node, type, subject);
    const size_t before = diagnostics_.size();
    const ScalarValue value = read(node);
    if (diagnostics_.size() == before && !fits(value, type))
      wrong_scalar(node, value, type, subject);
  }

  static bool fits(const ScalarValue& value, const Type& type) {
    const auto in_range = [&](double x) { return x >= type.min && x <= type.max; };
    switch (type.kind) {
      case Kind::boolean:
        return std::holds_alternative<bool>(value);
      case Kind::integer:
        return std::holds_alternative<int64_t>(value) &&
               in_range(static_cast<double>(std::get<int64_t>(value)));
      case Kind::number:
        if (const auto* integer = std::get_if<int64_t>(&value)) {
          return in_range(static_cast<double>(*integer));
        }
        return std::holds_alternative<double>(value) && in_range(std::get<double>(value));
      case Kind::string:
        return std::holds_alternative<std::string>(value) &&
               fits_string(std::get<std::string>(value), type);
      default:
        return !std::holds_alternative<std::monostate>(value);
    }
  }

  static bool fits_string(const std::string& text, const Type& type) {
    if (!type.choices.empty()) {
      return std::find(type.choices.begin(), type.choices.end(), text) != type.choices.end();
    }
    return type.format != nullptr ? type.format->matches(text) : !text.empty();
  }

  void wrong_scalar(const YamlNode& node, const ScalarValue& value, const Type& type,
                    const std::string& subject) {
    std::string message = describe_node(node) + " for " + subject + ", expected " + describe(type);
    if (type.kind == Kind::string && !std::holds_alternative<std::string>(value) &&
        !node.is_null() && type.choices.empty()) {
      message += " (a string that looks like something else needs quotes)";
    }
    if (!type.choices.empty()) message += did_you_mean(node.scalar, type.choices);
    add(node.place, std::move(message));
  }

  std::vector<Diagnostic> diagnostics_;
  bool partial_ = false;  ///< for the maps directly below a partial document's root
};

}  // namespace

std::vector<Diagnostic> validate(const YamlNode& root, const Table& table, bool partial) {
  Validator validator;
  if (root.is_map()) {
    validator.check_table(root, table, partial);
    return validator.take();
  }
  return {{root.place, describe_node(root) + ", expected a document that starts with 'sirocco: " +
                           table.name + "/1'"}};
}

std::vector<Diagnostic> validate(const YamlNode& node, const Type& type) {
  Validator validator;
  validator.check(node, type, "this value");
  return validator.take();
}

}  // namespace sirocco::schema
