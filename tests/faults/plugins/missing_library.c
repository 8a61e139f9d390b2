/* Needs a library that is not there. */
#include "synthetic.h"

extern int sirocco_synthetic_absent(void);

const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                           const sirocco_host* host) {
  SYNTHETIC_UNUSED(host_min, host_max, host);
  static sirocco_plugin plugin;
  plugin = synthetic_plugin();
  plugin.abi_max += (uint32_t)sirocco_synthetic_absent();
  return &plugin;
}
