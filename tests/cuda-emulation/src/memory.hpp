#pragma once
// Memory of all devices: one range of addresses, so that one comparison tells whether an address is
// a device's. The first part of it is the shared memory of the running block.

#include <cstddef>
#include <cstdint>

namespace cuda_emulation {

/// NULL where there is no more.
void* allocate(size_t bytes, int device);
/// False for what is no allocation.
bool release(void* pointer);
size_t bytes_in_use(int device);
size_t live_device_allocations();

bool is_device(const void* pointer);
/// The generation of the live allocation that the address lies in; 0: none. No two allocations
/// have the same.
uint64_t generation_of(uint64_t address);
/// The device whose live allocation the address lies in; -1: none.
int device_of(uint64_t address);
/// Whether [pointer, pointer + bytes) lies in one live allocation.
bool inside_allocation(const void* pointer, size_t bytes);
/// After a copy or fill by the runtime.
void mark_written(void* pointer, size_t bytes);
void mark_unwritten(void* pointer, size_t bytes);
/// Whether all of the bytes were written; true where nothing is looked at.
bool was_written(const void* pointer, size_t bytes);

/// Forgets what the block before it had in shared memory.
void begin_block_memory();

}  // namespace cuda_emulation
