/* Counts its shutdowns where the test can see them. Only a test may keep such a global. */
#include <stdatomic.h>
#include <string.h>

#include "synthetic.h"

static atomic_int shutdowns;

static int count(void) {
  return shutdowns;
}

static void shut_down(void) {
  ++shutdowns;
}

typedef struct counts_interface {
  size_t struct_size;
  int (*count)(void);
} counts_interface;

static const void* get_interface(const char* id) {
  static const counts_interface counts = {sizeof counts, count};
  return strcmp(id, "test.counts/0") == 0 ? &counts : NULL;
}

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
                                        "counts its shutdowns",
                                        get_interface,
                                        shut_down};
  return &plugin;
}
