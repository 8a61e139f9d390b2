/* A name that no deployment could write. */
#include "synthetic.h"

const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                           const sirocco_host* host) {
  SYNTHETIC_UNUSED(host_min, host_max, host);
  static sirocco_plugin plugin;
  plugin = synthetic_plugin();
  plugin.name = "Bad Name";
  return &plugin;
}
