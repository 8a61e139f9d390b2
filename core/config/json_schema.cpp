#include "config/json_schema.hpp"

#include <cmath>
#include <map>

#include <nlohmann/json.hpp>

#include "config/documents_schema.hpp"

namespace sirocco {
namespace {

using nlohmann::ordered_json;
using schema::Table;
using schema::Type;
using Kind = Type::Kind;

class Generator {
 public:
  ordered_json document(const Table& table, const std::string& id) {
    ordered_json out = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"$id", id}};
    out.update(of_table(table));
    if (!definitions_.empty()) {
      ordered_json& target = out["$defs"];
      for (const auto& [name, definition] : definitions_) target[name] = definition;
    }
    return out;
  }

 private:
  ordered_json of_table(const Table& table) {
    ordered_json out = {{"title", table.name}, {"description", table.doc}, {"type", "object"}};
    ordered_json properties = ordered_json::object();
    ordered_json required = ordered_json::array();
    for (const schema::Key& key : table.keys) {
      ordered_json property = of_type(key.type, table.extendable);
      // A document that extends another one removes a key of it with null.
      if (table.extendable && key.name != "sirocco" && key.name != "extends") {
        property = {{"anyOf", {std::move(property), {{"type", "null"}}}}};
      }
      ordered_json described = {{"description", key.doc}};
      described.update(property);
      properties[key.name] = std::move(described);
      if (key.required) required.push_back(key.name);
    }
    if (!properties.empty()) out["properties"] = std::move(properties);
    add_required(table, std::move(required), out);
    if (table.any_value.empty()) {
      out["additionalProperties"] = false;
    } else {
      out["propertyNames"] = {{"pattern", table.any_key->pattern}};
      out["additionalProperties"] = of_type(table.any_value.front(), false);
      out["minProperties"] = 1;
      out["maxProperties"] = 1;
    }
    return out;
  }

  static void add_required(const Table& table, ordered_json required, ordered_json& out) {
    if (required.empty()) return;
    if (!table.extendable) {
      out["required"] = std::move(required);
      return;
    }
    const ordered_json extending = {{"required", {"sirocco", "extends"}}};
    const ordered_json whole = {{"required", std::move(required)}};
    out["anyOf"] = {extending, whole};
  }

  ordered_json of_type(const Type& type, bool removable) {
    ordered_json out = of_non_null(type, removable);
    if (!type.nullable) return out;
    return {{"anyOf", {std::move(out), {{"type", "null"}}}}};
  }

  ordered_json of_non_null(const Type& type, bool removable) {
    switch (type.kind) {
      case Kind::boolean:
        return {{"type", "boolean"}};
      case Kind::integer:
        return of_number(type, "integer");
      case Kind::number:
        return of_number(type, "number");
      case Kind::string:
        return of_string(type);
      case Kind::scalar:
        return {{"type", {"string", "number", "boolean"}}};
      case Kind::expression:
        return {{"type", {"string", "number", "boolean", "null"}}};
      case Kind::literal:
        return {{"type", {"string", "number", "boolean", "null", "array"}},
                {"items", {{"type", {"string", "number", "boolean", "null"}}}}};
      case Kind::list:
        return of_list(type);
      case Kind::map:
        return of_map(type, removable);
      case Kind::table:
        return reference(type.table());
      case Kind::any_of:
        break;
    }
    ordered_json alternatives = ordered_json::array();
    for (const Type& inner : type.inner) alternatives.push_back(of_type(inner, false));
    return {{"anyOf", std::move(alternatives)}};
  }

  static ordered_json of_number(const Type& type, const char* name) {
    ordered_json out = {{"type", name}};
    // Whole bounds are written as integers, and bounds of 64 bits not at all.
    const auto add = [&](const char* key, double bound) {
      if (std::fabs(bound) > 9e18) return;
      if (bound == std::floor(bound)) {
        out[key] = static_cast<int64_t>(bound);
      } else {
        out[key] = bound;
      }
    };
    add("minimum", type.min);
    add("maximum", type.max);
    return out;
  }

  static ordered_json of_string(const Type& type) {
    if (!type.choices.empty()) return {{"enum", type.choices}};
    if (type.format == nullptr) return {{"type", "string"}, {"minLength", 1}};
    return {{"type", "string"}, {"pattern", type.format->pattern}};
  }

  ordered_json of_list(const Type& type) {
    ordered_json out = {{"type", "array"}, {"items", of_type(type.inner.front(), false)}};
    if (type.min_items > 0) out["minItems"] = type.min_items;
    return out;
  }

  ordered_json of_map(const Type& type, bool removable) {
    ordered_json value = of_type(type.inner.front(), false);
    if (type.merges && removable) value = {{"anyOf", {std::move(value), {{"type", "null"}}}}};
    return {{"type", "object"},
            {"propertyNames", {{"pattern", type.format->pattern}}},
            {"additionalProperties", std::move(value)}};
  }

  ordered_json reference(const Table& table) {
    // Entered before it is made, for a table may contain itself.
    if (definitions_.emplace(table.name, nullptr).second) {
      ordered_json definition = of_table(table);
      definitions_[table.name] = std::move(definition);
    }
    return {{"$ref", "#/$defs/" + table.name}};
  }

  std::map<std::string, ordered_json> definitions_;
};

}  // namespace

std::string json_schema(DocumentKind kind) {
  const std::string id = std::string("sirocco:") + kind_name(kind) + "/1";
  return Generator().document(document_table(kind), id).dump(2) + "\n";
}

}  // namespace sirocco
