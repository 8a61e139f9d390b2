/* A backend interface too short to execute anything. */
#include "backend.h"

static sirocco_status create(const sirocco_host* host, sirocco_backend** backend,
                             sirocco_error* error) {
  (void)host, (void)backend;
  return cannot(error, "never asked");
}

static const void* get_interface(const char* id) {
  static const sirocco_backend_interface table = {
      .struct_size = offsetof(sirocco_backend_interface, execute),
      .create = create,
      .destroy = backend_destroy,
      .device_count = one_device,
  };
  return strcmp(id, SIROCCO_INTERFACE_BACKEND) == 0 ? &table : NULL;
}

const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                           const sirocco_host* host) {
  SYNTHETIC_UNUSED(host_min, host_max, host);
  static sirocco_plugin plugin;
  plugin = synthetic_plugin();
  plugin.get_interface = get_interface;
  return &plugin;
}
