// Arbitrary bytes as a YAML document of any kind: read, validated and typed. Only Error may come
// out.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <sirocco/error.hpp>

#include "config/document_reader.hpp"
#include "config/node.hpp"
#include "config/validate.hpp"

namespace {

/// `extends` and `topology` would read files of this machine.
bool names_files(const sirocco::YamlNode& root) {
  return root.find("extends") != nullptr || root.find("topology") != nullptr;
}

void read(std::string_view text) {
  try {
    sirocco::YamlNode root = sirocco::parse_yaml(text, "fuzz");
    if (names_files(root)) return;
    sirocco::validate_tree(root, {});
    sirocco::read_statements(root, true);
  } catch (const sirocco::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read({reinterpret_cast<const char*>(data), size});
  return 0;
}
