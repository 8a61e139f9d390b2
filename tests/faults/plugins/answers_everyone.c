/* Speaks only ABIs that do not exist yet, but answers every host all the same. */
#include "synthetic.h"

const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                           const sirocco_host* host) {
  SYNTHETIC_UNUSED(host_min, host_max, host);
  static sirocco_plugin plugin;
  plugin = synthetic_plugin();
  plugin.abi_min = SIROCCO_ABI_VERSION + 1;
  plugin.abi_max = SIROCCO_ABI_VERSION + 2;
  return &plugin;
}
