/* Crashes before the host can ask it anything. */
#include <signal.h>

#include "synthetic.h"

__attribute__((constructor)) static void crash(void) {
  raise(SIGSEGV);
}

const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                           const sirocco_host* host) {
  SYNTHETIC_UNUSED(host_min, host_max, host);
  static sirocco_plugin plugin;
  plugin = synthetic_plugin();
  return &plugin;
}
