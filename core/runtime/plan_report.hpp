#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "exec/plan.hpp"

namespace sirocco {

/// "1.2 GiB", "512 B".
std::string bytes_text(uint64_t bytes);

/// Nodes by op, weights, state per token, memory before loading and placement, for a terminal.
std::string plan_text(const Plan& plan);
/// One line a node: path, op, device, bytes the host copies for it, reason; and where a backend
/// declined, what it said.
std::string explain_text(const Plan& plan);
/// Both as JSON; the nodes only where `explain`.
nlohmann::json plan_json(const Plan& plan, bool explain);

}  // namespace sirocco
