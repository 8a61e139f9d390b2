#pragma once
// A comparison's report for people.

#include <string>

#include <nlohmann/json.hpp>

namespace sirocco::cli {

/// A summary, then tables of speeds, numbers and placement: aligned for a terminal, or with
/// `markdown` as Markdown tables.
std::string compare_text(const nlohmann::ordered_json& report, bool markdown);

}  // namespace sirocco::cli
