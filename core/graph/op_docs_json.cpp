#include <nlohmann/json.hpp>

#include "graph/attrs.hpp"
#include "graph/op_docs.hpp"

namespace sirocco {
namespace {

/// Keys stay in the order written here, which is the order of the schema.
using Json = nlohmann::ordered_json;

Json json_value(const AttrValue& value) {
  switch (attr_type_of(value)) {
    case SIROCCO_ATTR_INT:
      return std::get<int64_t>(value);
    case SIROCCO_ATTR_FLOAT:
      return std::get<double>(value);
    case SIROCCO_ATTR_BOOL:
      return std::get<bool>(value);
    case SIROCCO_ATTR_STRING:
      return std::get<std::string>(value);
    case SIROCCO_ATTR_INTS:
      return std::get<std::vector<int64_t>>(value);
    case SIROCCO_ATTR_FLOATS:
      return std::get<std::vector<double>>(value);
    default:
      return nullptr;
  }
}

Json json_attr(const AttrSpec& attr) {
  Json json = {{"name", attr.name},
               {"type", attr_type_name(attr.type)},
               {"nullable", attr.nullable},
               {"required", !attr.fallback},
               {"doc", attr.doc}};
  if (attr.fallback) json["default"] = json_value(*attr.fallback);
  if (!attr.choices.empty()) json["choices"] = attr.choices;
  return json;
}

Json json_op(const OpDef& op) {
  Json json = {{"domain", op.domain},   {"name", op.name},       {"version", op.version},
               {"doc", op.doc},         {"formula", op.formula}, {"inputs", Json::array()},
               {"outputs", op.outputs}, {"attrs", Json::array()}};
  for (const InputSpec& input : op.inputs)
    json["inputs"].push_back({{"name", input.name},
                              {"doc", input.doc},
                              {"optional", input.optional},
                              {"variadic", input.variadic}});
  for (const AttrSpec& attr : op.attrs) json["attrs"].push_back(json_attr(attr));
  if (!op.decomposition.empty()) json["decomposition"] = op.decomposition;
  if (!op.provider.empty()) json["provider"] = op.provider;
  return json;
}

/// A plugin's texts may hold any bytes; those that are not UTF-8 are replaced.
std::string dumped(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string op_json(const OpDef& op) {
  return dumped(json_op(op));
}

std::string ops_json(const OpRegistry& registry) {
  Json list = Json::array();
  for (const OpDef* op : registry.all()) list.push_back(json_op(*op));
  return dumped(list);
}

}  // namespace sirocco
