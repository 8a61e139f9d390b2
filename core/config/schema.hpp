#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/node.hpp"

/// The language in which the kinds of documents are described. One table a kind: it validates
/// documents (validate below) and it becomes their JSON Schema (config/json_schema.hpp).
namespace sirocco::schema {

struct Table;
/// A function, so that tables may refer to themselves.
using TableRef = const Table& (*)();

/// A form of string: what it is called in messages, its pattern for JSON Schema (ECMA 262), and the
/// same as a function (std::regex recurses once a character).
struct Format {
  const char* what;
  const char* pattern;
  bool (*matches)(std::string_view text);
};

/// The type of a value.
struct Type {
  enum class Kind {
    boolean,
    integer,
    number,
    string,
    scalar,
    expression,
    literal,
    list,
    map,
    table,
    any_of
  };

  Kind kind = Kind::string;
  std::string what;                  ///< in messages; empty: made from the rest
  std::vector<std::string> choices;  ///< of a string; empty: any
  const Format* format = nullptr;    ///< of a string; of a map's keys
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  size_t min_items = 0;      ///< of a list
  std::vector<Type> inner;   ///< of a list or map: the values' type; of any_of: the alternatives
  TableRef table = nullptr;  ///< of a table
  bool nullable = false;
  bool merges = false;  ///< of a map: `extends` overrides it key by key, and null removes a key
};

/// One key of a table.
struct Key {
  std::string name;
  Type type;
  std::string doc;
  bool required = false;
};

/// A map with known keys.
struct Table {
  std::string name;  ///< "param": in messages and as the definition's name
  std::string doc;
  std::vector<Key> keys{};
  /// As an alternative of any_of: chosen where this key is present; empty: wherever there is a map.
  std::string chosen_by{};
  /// Empty, or the type of the value under the one key that is not in `keys`, of the form
  /// `any_key`.
  std::vector<Type> any_value{};
  const Format* any_key = nullptr;
  std::string many_hint{};  ///< what to say where there are several such keys
  bool extendable = false;  ///< a document that may extend another one
};

Type boolean();
Type integer(double min, double max = 9223372036854775807.0);
Type number(double min, double max);
Type number();
/// Not empty.
Type string();
Type string(const Format& format);
Type choice(std::vector<std::string> choices);
/// Any scalar but null.
Type scalar();
/// A scalar in the expression language, or null.
Type expression();
/// A scalar, null, or a list of them.
Type literal();
Type list_of(Type item, size_t min_items = 0);
Type map_of(const Format& keys, Type value);
/// A map that `extends` overrides key by key.
Type merged(Type map);
Type table(TableRef ref);
/// The first alternative that fits the node's shape decides.
Type any_of(std::vector<Type> alternatives);
Type nullable(Type type);

extern const Format kIdentifier;      ///< a name: letters, digits and _
extern const Format kIdentifierList;  ///< "a, b"
extern const Format kKey;             ///< any text but the empty one, for keys such as file names
extern const Format kSha256;
extern const Format kSlug;  ///< a document's or plugin's name: letters, digits, . _ + -

/// "an integer from 1 to 8", "'warn' or 'allow'", …
std::string describe(const Type& type);

/// Everything that is wrong with a document. `partial`: it extends another one, so keys may be
/// missing, and null removes what the other one gives.
std::vector<Diagnostic> validate(const YamlNode& root, const Table& table, bool partial);
/// The same of any value.
std::vector<Diagnostic> validate(const YamlNode& node, const Type& type);

}  // namespace sirocco::schema
