#pragma once
// A comparison's report for people and for spreadsheets.

#include <string>

#include <nlohmann/json.hpp>

namespace sirocco::cli {

/// A summary, then tables of speeds, numbers and placement: aligned for a terminal, or with
/// `markdown` as Markdown tables.
std::string compare_text(const nlohmann::ordered_json& report, bool markdown);

/// One row a case and arm (RFC 4180), and one a node and arm: `kind` tells which.
std::string compare_csv(const nlohmann::ordered_json& report);

}  // namespace sirocco::cli
