/* Writes where nothing may be written. */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "synthetic.h"

const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                           const sirocco_host* host) {
  SYNTHETIC_UNUSED(host_min, host_max, host);
  volatile int* page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *page = 1;
  return NULL;
}
