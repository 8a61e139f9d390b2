/* Preloaded into a program: counts its allocations between two flushes of standard output, which a
   program that streams does once a token, and says so on standard error at the end.
   ALLOCATIONS_FROM and ALLOCATIONS_TO are the numbers of those flushes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

static atomic_long count;
static long flushes, from = -1, to = -1, before, counted = -1;

void* malloc(size_t bytes) {
  ++count;
  return __libc_malloc(bytes);
}
void* calloc(size_t n, size_t bytes) {
  ++count;
  return __libc_calloc(n, bytes);
}
void* realloc(void* memory, size_t bytes) {
  ++count;
  return __libc_realloc(memory, bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) {
  ++count;
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** memory, size_t alignment, size_t bytes) {
  ++count;
  *memory = __libc_memalign(alignment, bytes);
  return *memory ? 0 : 12;
}
void* mmap(void* address, size_t bytes, int protection, int flags, int file, off_t offset) {
  static void* (*next)(void*, size_t, int, int, int, off_t);
  if (!next) *(void**)&next = dlsym(RTLD_NEXT, "mmap");
  ++count;
  return next(address, bytes, protection, flags, file, offset);
}

int fflush(FILE* file) {
  static int (*next)(FILE*);
  if (!next) *(void**)&next = dlsym(RTLD_NEXT, "fflush");
  const int result = next(file);
  if (file != stdout || from < 0) return result;
  ++flushes;
  if (flushes == from) before = count;
  if (flushes == to) counted = count - before;
  return result;
}

__attribute__((constructor)) static void start(void) {
  if (getenv("ALLOCATIONS_FROM")) from = atol(getenv("ALLOCATIONS_FROM"));
  if (getenv("ALLOCATIONS_TO")) to = atol(getenv("ALLOCATIONS_TO"));
}

__attribute__((destructor)) static void finish(void) {
  fprintf(stderr, "allocations: %ld in %ld flushes, of %ld in all\n", counted, flushes,
          (long)count);
}
