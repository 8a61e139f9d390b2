#include "config/documents_schema.hpp"

namespace sirocco {

const schema::Table& document_table(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::topology:
      return topology_table();
    case DocumentKind::model:
      return model_table();
    case DocumentKind::deployment:
      return deployment_table();
    case DocumentKind::policy:
      return policy_table();
    case DocumentKind::chat_template:
      break;
  }
  return template_table();
}

std::vector<schema::Key> heading_keys(DocumentKind kind, bool name_required) {
  return {
      {"sirocco", schema::choice({std::string(kind_name(kind)) + "/1"}),
       "kind and version of this document", true},
      {"name", schema::string(schema::kSlug), "what this document is called", name_required},
      {"doc", schema::string(), "what it is for, in a sentence", false},
  };
}

}  // namespace sirocco
