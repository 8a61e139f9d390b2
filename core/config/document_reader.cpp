#include "config/document_reader.hpp"

namespace sirocco {

std::string text_of(const YamlNode& map, std::string_view key, std::string fallback) {
  const YamlNode* node = map.find(key);
  return node == nullptr ? fallback : node->scalar;
}

std::optional<int64_t> integer_of(const YamlNode& map, std::string_view key) {
  const YamlNode* node = map.find(key);
  if (node == nullptr) return std::nullopt;
  return std::get<int64_t>(scalar_value(*node));
}

std::optional<double> number_of(const YamlNode& map, std::string_view key) {
  const YamlNode* node = map.find(key);
  if (node == nullptr) return std::nullopt;
  const ScalarValue value = scalar_value(*node);
  const auto* integer = std::get_if<int64_t>(&value);
  return integer != nullptr ? static_cast<double>(*integer) : std::get<double>(value);
}

std::optional<YamlNode> node_of(const YamlNode& map, std::string_view key) {
  const YamlNode* node = map.find(key);
  if (node == nullptr) return std::nullopt;
  return *node;
}

std::vector<std::string> texts_of(const YamlNode* node) {
  std::vector<std::string> texts;
  if (node == nullptr) return texts;
  if (node->is_scalar()) return {node->scalar};
  for (const YamlNode& item : node->items) texts.push_back(item.scalar);
  return texts;
}

Named<ScalarValue> options_of(const YamlNode* node) {
  Named<ScalarValue> options;
  if (node == nullptr) return options;
  for (const auto& [key, value] : node->entries) {
    options.emplace_back(key.scalar, scalar_value(value));
  }
  return options;
}

std::filesystem::path path_of(const YamlNode& node) {
  const std::filesystem::path folder = std::filesystem::path(node.place.file).parent_path();
  return (folder / node.scalar).lexically_normal();
}

}  // namespace sirocco
