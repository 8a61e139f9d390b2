/* Built long ago: its descriptor has no `shutdown` yet, its device information ends at
   `memory_bytes` and its backend interface at `execute`. What lies behind each struct may not be
   touched, so that a host that reads on crashes. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "backend.h"

/* A copy of `bytes` bytes that ends where memory ends. */
static void* at_the_edge(const void* data, size_t bytes) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  char* pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE) != 0) return NULL;
  return memcpy(pages + page - bytes, data, bytes);
}

static sirocco_status create(const sirocco_host* host, sirocco_backend** backend,
                             sirocco_error* error) {
  static sirocco_backend instance;
  if (host->abi_version != SIROCCO_ABI_VERSION_MIN) return cannot(error, "settled on another ABI");
  instance.host = host;
  *backend = &instance;
  return SIROCCO_OK;
}

static sirocco_status device_info(sirocco_backend* backend, uint32_t device,
                                  sirocco_device_info* info, sirocco_error* error) {
  (void)backend, (void)device, (void)error;
  info->kind = SIROCCO_DEVICE_CPU;
  info->flags = SIROCCO_DEVICE_HOST_VISIBLE;
  info->name = text("elder");
  info->features = text("none");
  info->memory_bytes = 1 << 20;
  return SIROCCO_OK;
}

static const void* get_interface(const char* id) {
  if (strcmp(id, SIROCCO_INTERFACE_BACKEND) != 0) return NULL;
  sirocco_backend_interface table = {
      .struct_size = offsetof(sirocco_backend_interface, read_times),
      .create = create,
      .destroy = backend_destroy,
      .device_count = one_device,
      .device_info = device_info,
  };
  return at_the_edge(&table, table.struct_size);
}

const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                           const sirocco_host* host) {
  SYNTHETIC_UNUSED(host_min, host_max, host);
  sirocco_plugin plugin = synthetic_plugin();
  plugin.struct_size = offsetof(sirocco_plugin, shutdown);
  plugin.abi_max = SIROCCO_ABI_VERSION_MIN;
  plugin.get_interface = get_interface;
  return at_the_edge(&plugin, plugin.struct_size);
}
