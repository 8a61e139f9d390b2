#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "config/node.hpp"

namespace sirocco {

/// A scalar as YAML 1.2's core schema reads it: null, bool, int, float or string.
using ScalarValue = std::variant<std::monostate, bool, int64_t, double, std::string>;

/// The value of a null or scalar node. Quoted text is a string, as are yes, no, on and off. Throws
/// Error(invalid_file) with the place for an integer beyond 64 bits, a float that is not finite,
/// and a node that is a list or map.
ScalarValue scalar_value(const YamlNode& node);

/// "a string", "an integer", … of a node, for messages; never throws.
std::string describe_node(const YamlNode& node);

}  // namespace sirocco
