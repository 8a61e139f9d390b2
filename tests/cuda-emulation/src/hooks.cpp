// The calls that the compiler inserts before every load and store of a kernel (-fsanitize=thread,
// whose own run-time library is not linked). Their names are gcc's.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <cuda_emulation/shared.hpp>

using cuda_emulation::note_access;

// Names with two underscores are the compiler's to give, and it has given these.
extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}

void __tsan_read1(void* p) {
  note_access(p, 1, false);
}
void __tsan_read2(void* p) {
  note_access(p, 2, false);
}
void __tsan_read4(void* p) {
  note_access(p, 4, false);
}
void __tsan_read8(void* p) {
  note_access(p, 8, false);
}
void __tsan_read16(void* p) {
  note_access(p, 16, false);
}
void __tsan_unaligned_read2(void* p) {
  note_access(p, 2, false);
}
void __tsan_unaligned_read4(void* p) {
  note_access(p, 4, false);
}
void __tsan_unaligned_read8(void* p) {
  note_access(p, 8, false);
}
void __tsan_unaligned_read16(void* p) {
  note_access(p, 16, false);
}
void __tsan_volatile_read4(void* p) {
  note_access(p, 4, false);
}
void __tsan_volatile_read8(void* p) {
  note_access(p, 8, false);
}
void __tsan_read_range(void* p, size_t bytes) {
  note_access(p, bytes, false);
}

void __tsan_write1(void* p) {
  note_access(p, 1, true);
}
void __tsan_write2(void* p) {
  note_access(p, 2, true);
}
void __tsan_write4(void* p) {
  note_access(p, 4, true);
}
void __tsan_write8(void* p) {
  note_access(p, 8, true);
}
void __tsan_write16(void* p) {
  note_access(p, 16, true);
}
void __tsan_unaligned_write2(void* p) {
  note_access(p, 2, true);
}
void __tsan_unaligned_write4(void* p) {
  note_access(p, 4, true);
}
void __tsan_unaligned_write8(void* p) {
  note_access(p, 8, true);
}
void __tsan_unaligned_write16(void* p) {
  note_access(p, 16, true);
}
void __tsan_volatile_write4(void* p) {
  note_access(p, 4, true);
}
void __tsan_volatile_write8(void* p) {
  note_access(p, 8, true);
}
void __tsan_write_range(void* p, size_t bytes) {
  note_access(p, bytes, true);
}

void* __tsan_memcpy(void* target, const void* source, size_t bytes) {
  note_access(source, bytes, false);
  note_access(target, bytes, true);
  return std::memcpy(target, source, bytes);
}
void* __tsan_memset(void* target, int value, size_t bytes) {
  note_access(target, bytes, true);
  return std::memset(target, value, bytes);
}

// Function-local statics in headers are guarded by such loads.
char __tsan_atomic8_load(const volatile char* p, int) {
  return __atomic_load_n(p, __ATOMIC_SEQ_CST);
}
}
