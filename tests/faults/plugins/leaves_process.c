/* Leaves a process behind that holds every descriptor it inherited. */
#include <unistd.h>

#include "synthetic.h"

const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                           const sirocco_host* host) {
  SYNTHETIC_UNUSED(host_min, host_max, host);
  if (fork() == 0) {
    sleep(600);
    _exit(0);
  }
  static sirocco_plugin plugin;
  plugin = synthetic_plugin();
  return &plugin;
}
