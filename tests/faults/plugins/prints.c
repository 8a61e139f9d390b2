/* Prints where it should not, to the descriptor of the report too. */
#include <stdio.h>
#include <unistd.h>

#include "synthetic.h"

const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                           const sirocco_host* host) {
  SYNTHETIC_UNUSED(host_min, host_max, host);
  puts("{\"refused\": \"printed\"}");
  fflush(stdout);
  fputs("noise\n", stderr);
  for (int fd = 3; fd < 32; ++fd) {
    const ssize_t written = write(fd, "noise", 5);
    (void)written;
  }
  static sirocco_plugin plugin;
  plugin = synthetic_plugin();
  return &plugin;
}
