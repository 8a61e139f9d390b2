/// The collective interface: groups of devices or processes that reduce and gather together.
#pragma once

#include <sirocco/abi/backend.h>
#include <sirocco/abi/host.h>
#include <sirocco/abi/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIROCCO_INTERFACE_COLLECTIVE "sirocco.collective/0"

typedef struct sirocco_group sirocco_group;

enum { SIROCCO_REDUCE_SUM = 0, SIROCCO_REDUCE_MAX = 1 };

typedef struct sirocco_collective_interface {
  size_t struct_size;
  /// Rank 0 makes `token` (at most `capacity` bytes); it reaches the others by any means.
  sirocco_status (*bootstrap)(const sirocco_host* host, void* token, size_t capacity, size_t* bytes,
                              sirocco_error* error);
  sirocco_status (*join)(const sirocco_host* host, const void* token, size_t bytes, uint32_t rank,
                         uint32_t n_ranks, sirocco_group** group, sirocco_error* error);
  void (*leave)(sirocco_group* group);
  /// In host memory, the way out for backends without a collective of their own.
  sirocco_status (*all_reduce)(sirocco_group* group, void* data, size_t count, sirocco_dtype dtype,
                               uint32_t reduce, sirocco_error* error);
  sirocco_status (*all_gather)(sirocco_group* group, const void* data, size_t bytes, void* gathered,
                               sirocco_error* error);
} sirocco_collective_interface;

#ifdef __cplusplus
}
#endif
