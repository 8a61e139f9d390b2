#pragma once

#include <filesystem>
#include <string>

namespace sirocco {

/// A plugin as one JSON object (core/loader/probe.hpp has its fields). Lets it crash or hang.
std::string describe_plugin(const std::filesystem::path& file, bool devices);

}  // namespace sirocco
