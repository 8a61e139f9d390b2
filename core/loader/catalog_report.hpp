#pragma once

#include <string>

#include "loader/catalog.hpp"

namespace sirocco {

/// The paths searched, and of every file found what it is or exactly why it was refused.
std::string catalog_text(const PluginCatalog& catalog);
/// The same as one JSON object; ends with a newline.
std::string catalog_json(const PluginCatalog& catalog);

}  // namespace sirocco
