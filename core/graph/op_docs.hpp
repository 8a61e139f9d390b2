#pragma once

#include <string>

#include "graph/op.hpp"

namespace sirocco {

/// "rms_norm(x, weight, eps: float) -> y": optional inputs with "?", variadic ones with "...".
std::string op_signature(const OpDef& op);
/// Everything about one op, for a terminal; ends with a newline.
std::string op_text(const OpDef& op);
/// The same as a JSON object; ends with a newline.
std::string op_json(const OpDef& op);
/// One line an op: its name and what it does.
std::string op_list(const OpRegistry& registry);
/// All ops as a JSON list; ends with a newline.
std::string ops_json(const OpRegistry& registry);
/// All ops as one Markdown page: docs/ops.md is this for the host's own ops, written by
/// `sirocco ops --markdown`.
std::string ops_markdown(const OpRegistry& registry);

}  // namespace sirocco
