#include "graph/graph.hpp"

#include <algorithm>

namespace sirocco {

std::string Place::to_string() const {
  if (line <= 0) return file;
  std::string text = file + ":" + std::to_string(line);
  if (column > 0) text += ":" + std::to_string(column);
  return text;
}

const AttrValue* Node::find_attr(std::string_view name) const {
  const auto found =
      std::find_if(attrs.begin(), attrs.end(), [&](const Attr& attr) { return attr.name == name; });
  return found == attrs.end() ? nullptr : &found->value;
}

const GraphOutput* Graph::find_output(std::string_view name) const {
  const auto found = std::find_if(outputs.begin(), outputs.end(),
                                  [&](const GraphOutput& output) { return output.name == name; });
  return found == outputs.end() ? nullptr : &*found;
}

ValueId Graph::find_value(std::string_view name) const {
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const Value& value) { return value.name == name; });
  return found == values.end() ? kNone : static_cast<ValueId>(found - values.begin());
}

}  // namespace sirocco
