/* Built, with the SDK, against an ABI that this host no longer speaks. */
#include <sirocco/sdk/plugin.hpp>

#include "synthetic.h"

namespace {

sirocco_plugin describe() {
  sirocco_plugin plugin = synthetic_plugin();
  plugin.abi_min = 0;
  plugin.abi_max = SIROCCO_ABI_VERSION_MIN - 1;
  return plugin;
}

const sirocco_plugin kPlugin = describe();

}  // namespace

SIROCCO_DEFINE_PLUGIN(kPlugin)
