/// The one symbol a plugin exports, and the descriptor it answers with.
///
/// A plugin keeps no mutable globals: everything it remembers hangs on the instances that its
/// interfaces create, so that two engines in one process do not meet. It stays mapped until the
/// process ends; `shutdown` is called once per successful query, after the last instance is gone.
#pragma once

#include <sirocco/abi/host.h>
#include <sirocco/abi/types.h>
#include <sirocco/abi/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Immutable, static in the plugin. Strings are NUL-terminated and never NULL.
typedef struct sirocco_plugin {
  size_t struct_size;
  uint32_t abi_min;  ///< the range of ABIs that this plugin speaks
  uint32_t abi_max;
  const char* name;  ///< the name that deployments and messages use, [a-z0-9-]+
  const char* version;
  const char* vendor;
  const char* licence;  ///< an SPDX expression
  const char* description;
  /// The interface of that id ("sirocco.backend/0"), or NULL where it is not offered. The struct
  /// behind it starts with `size_t struct_size` and lives as long as the plugin.
  const void* (*get_interface)(const char* id);
  /// May be NULL.
  void (*shutdown)(void);
} sirocco_plugin;

/// Exported under the name SIROCCO_PLUGIN_SYMBOL with C linkage and default visibility. Returns
/// NULL, after logging why through `host`, where no common ABI exists between [host_min, host_max]
/// and the plugin's own range. `host` is valid during the call only.
typedef const sirocco_plugin* (*sirocco_plugin_query_fn)(uint32_t host_min, uint32_t host_max,
                                                         const sirocco_host* host);
#define SIROCCO_PLUGIN_SYMBOL "sirocco_plugin_query"

#if defined(__GNUC__)
#define SIROCCO_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define SIROCCO_PLUGIN_EXPORT
#endif

#ifdef __cplusplus
}
#endif
