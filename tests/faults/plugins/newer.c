/* Built against an ABI to come, in which every struct has grown, but still able to speak this one:
   it uses no more of a struct of the host than that one's struct_size says. */
#include <stdlib.h>

#include "backend.h"

enum { FUTURE_MEMBERS = 16 };

typedef struct future_plugin {
  sirocco_plugin known;
  void (*unknown[FUTURE_MEMBERS])(void);
} future_plugin;

typedef struct future_backend {
  sirocco_backend_interface known;
  void (*unknown[FUTURE_MEMBERS])(void);
} future_backend;

typedef struct future_device_info {
  sirocco_device_info known;
  uint64_t unknown[FUTURE_MEMBERS];
} future_device_info;

static sirocco_status create(const sirocco_host* host, sirocco_backend** backend,
                             sirocco_error* error) {
  static sirocco_backend instance;
  if (host->abi_version != SIROCCO_ABI_VERSION) return cannot(error, "settled on another ABI");
  if (host->get_service(host, "sirocco.future/0"))
    return cannot(error, "an unknown service exists");
  instance.host = host;
  *backend = &instance;
  return SIROCCO_OK;
}

static sirocco_status device_info(sirocco_backend* backend, uint32_t device,
                                  sirocco_device_info* info, sirocco_error* error) {
  (void)backend, (void)device, (void)error;
  future_device_info future;
  memset(&future, 0xff, sizeof future);
  future.known.struct_size = info->struct_size;
  future.known.kind = SIROCCO_DEVICE_GPU;
  future.known.flags = 0;
  future.known.name = text("descendant");
  future.known.features = text("all");
  future.known.memory_bytes = 0;
  future.known.alignment = 256;
  memcpy(info, &future, info->struct_size < sizeof future ? info->struct_size : sizeof future);
  return SIROCCO_OK;
}

static const void* get_interface(const char* id) {
  static future_backend table;
  if (strcmp(id, SIROCCO_INTERFACE_BACKEND) != 0) return NULL;
  table.known.struct_size = sizeof table;
  table.known.create = create;
  table.known.destroy = backend_destroy;
  table.known.device_count = one_device;
  table.known.device_info = device_info;
  for (int i = 0; i < FUTURE_MEMBERS; ++i) table.unknown[i] = abort;
  return &table;
}

const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                           const sirocco_host* host) {
  SYNTHETIC_UNUSED(host_min, host_max, host);
  static future_plugin plugin;
  plugin.known = synthetic_plugin();
  plugin.known.struct_size = sizeof plugin;
  plugin.known.abi_max = SIROCCO_ABI_VERSION + 6;
  plugin.known.get_interface = get_interface;
  for (int i = 0; i < FUTURE_MEMBERS; ++i) plugin.unknown[i] = abort;
  return &plugin.known;
}
