/* A descriptor too short to hold get_interface. */
#include "synthetic.h"

const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                           const sirocco_host* host) {
  SYNTHETIC_UNUSED(host_min, host_max, host);
  static sirocco_plugin plugin;
  plugin = synthetic_plugin();
  plugin.struct_size = offsetof(sirocco_plugin, get_interface);
  return &plugin;
}
