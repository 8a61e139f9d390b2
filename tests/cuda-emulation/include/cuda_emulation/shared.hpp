#pragma once
// Device and shared memory with shadows: every byte knows whether it is allocated and was written,
// every two bytes who touched them last in the running launch.

#include <cstddef>
#include <cstdint>

namespace cuda_emulation {

/// Every load and store of a kernel comes here, from the calls that the compiler inserts, and from
/// the emulated instructions that touch memory. Addresses outside the emulated memories are the
/// host's own (stacks, parameters) and are not looked at.
void note_access(const volatile void* address, size_t bytes, bool write, bool atomic = false);

/// `kCount` elements of the running block's shared memory, the same for the same `kSlot`; unwritten
/// at first, with bytes between arrays that nobody may touch.
void* shared_memory(const void* key, size_t bytes);
template <class T, int kCount, int kSlot>
T* shared_array() {
  static const char key = 0;
  return static_cast<T*>(shared_memory(&key, sizeof(T) * kCount));
}

}  // namespace cuda_emulation
