#pragma once
// A comparison's report for spreadsheets.

#include <string>

#include <nlohmann/json.hpp>

namespace sirocco::cli {

/// One row a case and arm (RFC 4180), and one a node and arm: `kind` tells which.
std::string compare_csv(const nlohmann::ordered_json& report);

}  // namespace sirocco::cli
