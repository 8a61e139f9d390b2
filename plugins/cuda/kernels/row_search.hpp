#pragma once
// Places in a row of floats, found by the threads of a block without sorting it.

#include <climits>
#include <cstdint>

#include <cuda_runtime.h>

#include "kernels/block.hpp"
#include "kernels/numbers.hpp"
#include "kernels/shared.hpp"
#include "kernels/warp.hpp"

namespace sirocco::cuda {

/// Slots of shared memory (shared.hpp) below this are the searches' own.
inline constexpr int kSearchSlots = 5;
inline constexpr int kSearchSums = 0;  ///< and the next two
inline constexpr int kSearchParts = 3, kSearchPlace = 4;

struct Row {
  const void* logits;
  Dtype dtype;
  int64_t begin;
  int32_t n;

  __device__ float at(int32_t id) const { return load(logits, dtype, begin + id); }
};

/// Numbers that are in the order of the floats; both zeros have one.
__device__ inline uint32_t key_of(float x) {
  const uint32_t bits = x == 0 ? 0u : __float_as_uint(x);
  return bits >> 31 ? ~bits : bits | 0x80000000u;
}
__device__ inline float float_of(uint32_t key) {
  return __uint_as_float(key >> 31 ? key & 0x7fffffffu : ~key);
}

template <class T>
struct Threshold {
  uint32_t key;
  T above;  ///< what all logits above it measure
};

/// The largest key of which all logits from it up measure `wanted` at least. `measure(x, key, id)`
/// is not negative. Sums are taken in an order that is always the same.
///
/// Found digit by digit, as by radix selection (Alabi, Blanchard, Gordon and Steinbach, "Fast
/// k-selection algorithms for graphics processing units", ACM JEA 17, 2012): two bits a pass.
template <int kThreads, class T, class Measure>
__device__ inline Threshold<T> find_threshold(const Row& row, T wanted, const Measure& measure) {
  __syncthreads();
  uint32_t low = 0;
  T above = 0;
#pragma unroll 1
  for (int shift = 30; shift >= 0; shift -= 2) {
    // Of the keys that begin with the digits found, those that go on with 1, 2 and 3.
    T first = 0, second = 0, third = 0;
#pragma unroll 1
    for (int32_t id = static_cast<int32_t>(threadIdx.x); id < row.n; id += kThreads) {
      const float x = row.at(id);
      const uint32_t key = key_of(x);
      if (key < low || (key - low) >> shift > 3 || (key - low) >> shift == 0) continue;
      const uint32_t digit = (key - low) >> shift;
      const T measured = measure(x, key, id);
      if (digit == 1) first += measured;
      if (digit == 2) second += measured;
      if (digit == 3) third += measured;
    }
    const T sums[] = {sum_block<kThreads, kSearchSums>(first),
                      sum_block<kThreads, kSearchSums + 1>(second),
                      sum_block<kThreads, kSearchSums + 2>(third)};
    for (uint32_t digit = 3; digit > 0; --digit) {
      const T sum = sums[digit - 1];
      if (sum > 0 && above + sum >= wanted) {
        low += digit << shift;
        break;
      }
      above += sum;
    }
  }
  return {low, above};
}

/// Of lanes up to this one.
template <class T>
__device__ inline T sum_up_to(T value, int lane) {
  for (int distance = 1; distance < kWarp; distance *= 2) {
    const T before = __shfl_sync(kAllLanes, value, lane - distance);
    if (lane >= distance) value += before;
  }
  return value;
}

/// Walks [begin, end) with one warp; the answer is that of `find_place`, or -1 where none measures
/// anything. `running`: what ids before `begin` measure.
template <class T, class Measure>
__device__ inline int32_t walk(const Row& row, int32_t begin, int32_t end, T running, T target,
                               const Measure& measure) {
  const int lane = static_cast<int>(threadIdx.x % kWarp);
  int32_t last = -1;
#pragma unroll 1
  for (int32_t base = begin; base < end; base += kWarp) {
    const int32_t id = base + lane;
    T measured = 0;
    if (id < end) {
      const float x = row.at(id);
      measured = measure(x, key_of(x), id);
    }
    const T sum = running + sum_up_to(measured, lane);
    const unsigned some = __ballot_sync(kAllLanes, measured > 0);
    const unsigned there = __ballot_sync(kAllLanes, measured > 0 && sum > target);
    if (there) return base + __ffs(static_cast<int>(there)) - 1;
    if (some) last = base + kWarp - 1 - __clz(static_cast<int>(some));
    running = __shfl_sync(kAllLanes, sum, kWarp - 1);
  }
  return last;
}

/// The first id up to which the measures, in the order of ids, sum to more than
/// `target_of(their whole sum)`; the last that measures anything where rounding leaves none.
/// INT_MAX where nothing measures anything.
template <int kThreads, class T, class Measure, class TargetOf>
__device__ inline int32_t find_place(const Row& row, const Measure& measure,
                                     const TargetOf& target_of) {
  constexpr int kWarps = kThreads / kWarp;
  T* parts = shared_array<T, kWarps, kSearchParts>();
  int32_t* place = shared_array<int32_t, 1, kSearchPlace>();
  const int warp = static_cast<int>(threadIdx.x / kWarp);
  const int lane = static_cast<int>(threadIdx.x % kWarp);
  // Every warp has ids of its own, one after the other.
  const int32_t each = (row.n + kThreads - 1) / kThreads * kWarp;
  const int32_t begin = warp * each < row.n ? warp * each : row.n;
  const int32_t end = row.n - begin < each ? row.n : begin + each;
  T own = 0;
#pragma unroll 1
  for (int32_t id = begin + lane; id < end; id += kWarp) {
    const float x = row.at(id);
    own += measure(x, key_of(x), id);
  }
  own = sum_lanes(own);
  __syncthreads();
  if (lane == 0) parts[warp] = own;
  if (threadIdx.x == 0) *place = INT_MAX;
  __syncthreads();
  T total = 0;
  for (int w = 0; w < kWarps; ++w) total += parts[w];
  const T target = target_of(total);
  T before = 0, before_chosen = 0;
  int chosen = -1;
  for (int w = 0; w < kWarps; ++w) {
    if (parts[w] > 0) {
      chosen = w;
      before_chosen = before;
      if (before + parts[w] > target) break;
    }
    before += parts[w];
  }
  if (warp == chosen) {
    const int32_t id = walk(row, begin, end, before_chosen, target, measure);
    if (lane == 0 && id >= 0) *place = id;
  }
  __syncthreads();
  return *place;
}

}  // namespace sirocco::cuda
