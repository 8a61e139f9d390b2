#pragma once

#include <span>
#include <string>
#include <vector>

#include "graph/op.hpp"

namespace sirocco {

/// "int", "float", "bool", "string", "ints", "floats", "state"; "null" for anything else.
const char* attr_type_name(uint32_t type);
/// SIROCCO_ATTR_* of a value.
uint32_t attr_type_of(const AttrValue& value);
/// As it would be written in YAML: "0.5", "half", "null", "[1, 2]". Floats read back exactly.
std::string attr_to_string(const AttrValue& value);

/// `value` as the attribute's type: an int becomes a float where a float is asked for, and null is
/// let through where it may be null. Throws Error(invalid_file) naming the op, the attribute, what
/// was given and what is expected.
AttrValue coerce_attr(const OpDef& op, const AttrSpec& spec, AttrValue value);

/// The attributes of a node in schema order, coerced, with defaults filled in. Throws
/// Error(invalid_file) for an unknown name (with a suggestion), one given twice, and one missing.
std::vector<Attr> complete_attrs(const OpDef& op, std::vector<Attr> given);

/// Replaces the value "activation" of a string attribute `dtype` by the name of this dtype.
void resolve_activation_dtype(std::span<Attr> attrs, sirocco_dtype dtype);

/// Reads an attribute's value as it would be written in YAML (a plugin's default). Throws
/// Error(invalid_file) where the text is no value of this type.
AttrValue parse_attr_text(uint32_t type, const std::string& text);

}  // namespace sirocco
