/* Nothing wrong with it. */
#include "synthetic.h"

const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                           const sirocco_host* host) {
  SYNTHETIC_UNUSED(host_min, host_max, host);
  static const sirocco_plugin plugin = {sizeof plugin,
                                        SIROCCO_ABI_VERSION_MIN,
                                        SIROCCO_ABI_VERSION,
                                        SYNTHETIC_NAME,
                                        "1.0",
                                        "Sirocco tests",
                                        "Apache-2.0",
                                        "synthetic",
                                        offers_nothing,
                                        NULL};
  return &plugin;
}
