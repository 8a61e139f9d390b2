/* Describes itself at a length that nobody reads. */
#include <string.h>

#include "synthetic.h"

const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                           const sirocco_host* host) {
  SYNTHETIC_UNUSED(host_min, host_max, host);
  static char description[2 << 20];
  memset(description, 'x', sizeof description - 1);
  static sirocco_plugin plugin;
  plugin = synthetic_plugin();
  plugin.description = description;
  return &plugin;
}
