#pragma once

#include "config/documents.hpp"
#include "config/schema.hpp"

namespace sirocco {

/// The table of a kind of document: what validates it and what its JSON Schema is made from.
const schema::Table& document_table(DocumentKind kind);

const schema::Table& topology_table();
const schema::Table& model_table();
const schema::Table& deployment_table();
const schema::Table& policy_table();
const schema::Table& template_table();

/// The type of `graph` and of a function's body.
schema::Type statements_type();

/// The first keys of every kind of document.
std::vector<schema::Key> heading_keys(DocumentKind kind, bool name_required);

}  // namespace sirocco
