/* What the synthetic plugins have in common: a descriptor with nothing wrong in it. Each is named
   after its file (SYNTHETIC_NAME). */
#pragma once

#include <stddef.h>

#include <sirocco/abi/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

SIROCCO_PLUGIN_EXPORT const sirocco_plugin* sirocco_plugin_query(uint32_t host_min,
                                                                 uint32_t host_max,
                                                                 const sirocco_host* host);

#ifdef __cplusplus
}
#endif

static inline const void* offers_nothing(const char* id) {
  (void)id;
  return NULL;
}

static inline sirocco_plugin synthetic_plugin(void) {
  sirocco_plugin plugin;
  plugin.struct_size = sizeof plugin;
  plugin.abi_min = SIROCCO_ABI_VERSION_MIN;
  plugin.abi_max = SIROCCO_ABI_VERSION;
  plugin.name = SYNTHETIC_NAME;
  plugin.version = "1.0";
  plugin.vendor = "Sirocco tests";
  plugin.licence = "Apache-2.0";
  plugin.description = "synthetic";
  plugin.get_interface = offers_nothing;
  plugin.shutdown = NULL;
  return plugin;
}

/* The arguments of a query that looks at none of them. */
#define SYNTHETIC_UNUSED(host_min, host_max, host) \
  do {                                             \
    (void)host_min;                                \
    (void)host_max;                                \
    (void)host;                                    \
  } while (0)
