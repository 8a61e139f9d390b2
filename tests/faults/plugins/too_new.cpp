/* Built, with the SDK, against ABIs that are still to come. */
#include <sirocco/sdk/plugin.hpp>

#include "synthetic.h"

namespace {

sirocco_plugin describe() {
  sirocco_plugin plugin = synthetic_plugin();
  plugin.abi_min = SIROCCO_ABI_VERSION + 1;
  plugin.abi_max = SIROCCO_ABI_VERSION + 8;
  return plugin;
}

const sirocco_plugin kPlugin = describe();

}  // namespace

SIROCCO_DEFINE_PLUGIN(kPlugin)
