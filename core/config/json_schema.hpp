#pragma once

#include <string>

#include "config/documents.hpp"

namespace sirocco {

/// The JSON Schema (draft 2020-12) of a kind of document, indented, with a final newline. Made from
/// the table that also validates; `configs/schema/<kind>.schema.json` is a copy of it.
std::string json_schema(DocumentKind kind);

}  // namespace sirocco
