#pragma once
// What a kernel sees: its place in the grid, and what the threads of a warp or block do together.

#include <cmath>
#include <cstdint>
#include <cstring>

#include <vector_types.h>

namespace cuda_emulation {

/// Of the thread that runs now.
struct Place {
  dim3 thread, block, block_size, grid_size;
};
extern thread_local Place place;

/// What the lanes of a warp, or the threads of a block, meet at.
enum class Meeting : uint8_t { none, block_barrier, warp_barrier, shuffle, vote, matrix };

/// Gives the lanes named in `mask` this thread's 8 bytes and waits for all of them; the answer
/// lists what each lane gave, until this thread meets its warp again.
const uint64_t* exchange(Meeting meeting, uint32_t mask, uint64_t mine);
void block_barrier();
inline unsigned lane() {
  return place.thread.x % 32;
}

/// Another lane's value: of the lane `from`.
template <class T>
T shuffle(uint32_t mask, T value, unsigned from) {
  static_assert(sizeof(T) <= 8);
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = exchange(Meeting::shuffle, mask, bits)[from % 32];
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace cuda_emulation

#define threadIdx (cuda_emulation::place.thread)
#define blockIdx (cuda_emulation::place.block)
#define blockDim (cuda_emulation::place.block_size)
#define gridDim (cuda_emulation::place.grid_size)
inline constexpr int warpSize = 32;

inline void __syncthreads() {
  cuda_emulation::block_barrier();
}
inline void __syncwarp(unsigned mask = 0xffffffffu) {
  cuda_emulation::exchange(cuda_emulation::Meeting::warp_barrier, mask, 0);
}
template <class T>
T __shfl_sync(unsigned mask, T value, int from) {
  return cuda_emulation::shuffle(mask, value, static_cast<unsigned>(from));
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits) {
  return cuda_emulation::shuffle(mask, value, cuda_emulation::lane() ^ static_cast<unsigned>(bits));
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta) {
  const unsigned from = cuda_emulation::lane() + delta;
  return cuda_emulation::shuffle(mask, value, from < 32 ? from : cuda_emulation::lane());
}
inline unsigned __ballot_sync(unsigned mask, int predicate) {
  const uint64_t* all =
      cuda_emulation::exchange(cuda_emulation::Meeting::vote, mask, predicate != 0);
  unsigned bits = 0;
  for (unsigned i = 0; i < 32; ++i)
    if (mask >> i & 1) bits |= static_cast<unsigned>(all[i]) << i;
  return bits;
}

/// The place of the lowest bit that is set, from 1; 0: none.
inline int __ffs(int bits) {
  return __builtin_ffs(bits);
}
/// Bits above the highest that is set.
inline int __clz(int bits) {
  return bits ? __builtin_clz(static_cast<unsigned>(bits)) : 32;
}

inline float __uint_as_float(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
inline uint32_t __float_as_uint(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}
template <class T>
T __ldcs(const T* pointer) {
  return *pointer;
}
template <class T>
T __ldg(const T* pointer) {
  return *pointer;
}
inline float rsqrtf(float x) {
  return 1 / std::sqrt(x);
}
template <class A, class B>
auto min(A a, B b) -> decltype(a + b) {
  return b < a ? b : a;
}
template <class A, class B>
auto max(A a, B b) -> decltype(a + b) {
  return a < b ? b : a;
}
