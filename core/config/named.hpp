#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sirocco {

/// A map of a document, in the order written.
template <typename T>
using Named = std::vector<std::pair<std::string, T>>;

/// The value under a name; nullptr where there is none.
template <typename T>
const T* find_named(const Named<T>& map, std::string_view name) {
  for (const auto& [key, value] : map) {
    if (key == name) return &value;
  }
  return nullptr;
}

}  // namespace sirocco
