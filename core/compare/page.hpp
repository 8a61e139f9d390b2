#pragma once
// A comparison's report as one HTML page that needs no network.

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace sirocco {

/// The page's template with its style, scripts and chart library inlined: everything but a report.
/// `folder` holds page.html and the files that it includes (install_paths().page). Throws
/// Error(failure) naming the file that is missing and why it may be.
std::string read_page(const std::filesystem::path& folder);

/// The template with the report in it as JSON, written so that no text of the report can end the
/// element it stands in. Throws Error(failure) where the template has no place for it.
std::string fill_page(const std::string& page, const nlohmann::ordered_json& report);

}  // namespace sirocco
