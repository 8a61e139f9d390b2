/* Allocates until there is no more. */
#include <new>
#include <vector>

#include "synthetic.h"

const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                           const sirocco_host* host) {
  SYNTHETIC_UNUSED(host_min, host_max, host);
  std::vector<void*> blocks;
  for (;;) blocks.push_back(::operator new (size_t{256} << 20));
  return nullptr;
}
