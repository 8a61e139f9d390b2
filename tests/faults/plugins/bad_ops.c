/* A table of ops that claims the host's own domain. */
#include <string.h>

#include <sirocco/abi/ops.h>

#include "synthetic.h"

static const void* get_interface(const char* id) {
  static const sirocco_op op = {.struct_size = sizeof op, .domain = "sirocco", .name = "twice"};
  static const sirocco_ops_interface table = {
      .struct_size = sizeof table, .ops = &op, .n_ops = 1, .op_stride = sizeof op};
  return strcmp(id, SIROCCO_INTERFACE_OPS) == 0 ? &table : NULL;
}

const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                           const sirocco_host* host) {
  SYNTHETIC_UNUSED(host_min, host_max, host);
  static sirocco_plugin plugin;
  plugin = synthetic_plugin();
  plugin.get_interface = get_interface;
  return &plugin;
}
