#include "reference_plugin.hpp"

#include "support/load_backend.hpp"

const sirocco_backend_interface& reference_backend() {
  static const sirocco_backend_interface& table = harness::load_backend("reference");
  return table;
}
