// ids[r]: the token of row r, as its record says (docs/ops.md, `sample`). A block a row.
//
// Nothing is sorted. What top_k and top_p keep are the logits above a threshold, and of those equal
// to it the lowest ids. The threshold is found digit by digit, as by radix selection (Alabi,
// Blanchard, Gordon and Steinbach, "Fast k-selection algorithms for graphics processing units",
// ACM JEA 17, 2012): of the numbers that order floats, two bits a pass over the row.

#include <climits>
#include <cmath>
#include <cstring>

#include <sirocco/sdk/random.hpp>
#include <sirocco/sdk/sampling.hpp>

#include "kernels/block.hpp"
#include "kernels/launch.hpp"
#include "kernels/numbers.hpp"
#include "kernels/step.hpp"
#include "ops/sample.hpp"

namespace sirocco::cuda {
namespace {

constexpr int kThreads = 512;
constexpr int kWarps = kThreads / kWarp;
// Of shared memory (kernels/shared.hpp).
constexpr int kSums = 0;  ///< and the next two
constexpr int kMost = 3, kParts = 4, kPlace = 5;

struct Row {
  const void* logits;
  Dtype dtype;
  int64_t begin;
  int32_t n;

  __device__ float at(int32_t id) const { return load(logits, dtype, begin + id); }
};

/// Numbers that are in the order of the floats; both zeros have one.
__device__ uint32_t key_of(float x) {
  const uint32_t bits = x == 0 ? 0u : __float_as_uint(x);
  return bits >> 31 ? ~bits : bits | 0x80000000u;
}
__device__ float float_of(uint32_t key) {
  return __uint_as_float(key >> 31 ? key & 0x7fffffffu : ~key);
}

/// Logits above a threshold, and equals of it up to an id.
struct Kept {
  uint32_t threshold = 0;
  int32_t last = INT_MAX;

  __device__ bool has(uint32_t key, int32_t id) const {
    return key > threshold || (key == threshold && id <= last);
  }
};

template <class T>
struct Threshold {
  uint32_t key;
  T above;  ///< what all logits above it measure
};

/// The largest key of which all logits from it up measure `wanted` at least. `measure(x, key, id)`
/// is not negative. Sums are taken in an order that is always the same.
template <class T, class Measure>
__device__ Threshold<T> find_threshold(const Row& row, T wanted, const Measure& measure) {
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
    const T sums[] = {sum_block<kThreads, kSums>(first), sum_block<kThreads, kSums + 1>(second),
                      sum_block<kThreads, kSums + 2>(third)};
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
__device__ T sum_up_to(T value, int lane) {
  for (int distance = 1; distance < kWarp; distance *= 2) {
    const T before = __shfl_sync(kAllLanes, value, lane - distance);
    if (lane >= distance) value += before;
  }
  return value;
}

/// Walks [begin, end) with one warp; the answer is that of `find_place`, or -1 where none measures
/// anything. `running`: what ids before `begin` measure.
template <class T, class Measure>
__device__ int32_t walk(const Row& row, int32_t begin, int32_t end, T running, T target,
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
template <class T, class Measure, class TargetOf>
__device__ int32_t find_place(const Row& row, const Measure& measure, const TargetOf& target_of) {
  T* parts = shared_array<T, kWarps, kParts>();
  int32_t* place = shared_array<int32_t, 1, kPlace>();
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

/// The most probable token's logit; NaN where the row is no distribution.
__device__ float most_probable(const Row& row) {
  float most = -INFINITY;
  int bad = 0;
#pragma unroll 1
  for (int32_t id = static_cast<int32_t>(threadIdx.x); id < row.n; id += kThreads) {
    const float x = row.at(id);
    if (!(x < INFINITY)) bad = 1;  // NaN too
    most = fmaxf(most, x);
  }
  most = max_block<kThreads, kMost>(most);
  bad = sum_block<kThreads, kSums>(bad);
  return bad || most == -INFINITY ? NAN : most;
}

/// Of the top_k largest logits.
__device__ Kept keep_top_k(const Row& row, int32_t k) {
  const auto found =
      find_threshold<int32_t>(row, k, [](float, uint32_t, int32_t) { return 1; });
  const int32_t equals = k - found.above;
  const int32_t last = find_place<int32_t>(
      row, [&](float, uint32_t key, int32_t) { return key == found.key ? 1 : 0; },
      [&](int32_t) { return equals - 1; });
  return {found.key, last};
}

/// Of what is kept, the most probable that together reach top_p.
template <class Weight>
__device__ Kept keep_top_p(const Row& row, const Kept& kept, double top_p, const Weight& weight) {
  const auto measure = [&](float x, uint32_t key, int32_t id) {
    return kept.has(key, id) ? weight(x) : 0.0;
  };
  double wanted = 0;
  for (int32_t id = static_cast<int32_t>(threadIdx.x); id < row.n; id += kThreads) {
    const float x = row.at(id);
    wanted += measure(x, key_of(x), id);
  }
  __syncthreads();
  wanted = top_p * sum_block<kThreads, kSums>(wanted);
  const auto found = find_threshold<double>(row, wanted, measure);
  const double each = weight(float_of(found.key));
  const double equals = fmax(ceil((wanted - found.above) / each), 1.0);
  const int32_t last = find_place<int32_t>(
      row,
      [&](float, uint32_t key, int32_t id) {
        return key == found.key && kept.has(key, id) ? 1 : 0;
      },
      [&](int32_t all) { return (equals < all ? static_cast<int32_t>(equals) : all) - 1; });
  // Where no logit is equal, rounding has left the sums short of what is wanted: all above are kept.
  return found.key < kept.threshold ? kept : Kept{found.key, last};
}

__device__ int32_t choose(const Row& row, const sdk::SamplingRecord& record) {
  const float most = most_probable(row);
  if (!(most < INFINITY)) return sdk::kNoToken;
  if (!(record.temperature > 0)) {
    return find_place<int32_t>(
        row, [&](float x, uint32_t, int32_t) { return x == most ? 1 : 0; },
        [](int32_t) { return 0; });
  }
  const auto weight = [&](float x) {
    return exp((static_cast<double>(x) - static_cast<double>(most)) / record.temperature);
  };
  Kept kept;
  if (record.top_k > 0 && record.top_k < row.n)
    kept = keep_top_k(row, static_cast<int32_t>(record.top_k));
  if (record.top_p < 1) kept = keep_top_p(row, kept, record.top_p, weight);
  const double uniform = sdk::uniform_at(record.seed, record.position);
  return find_place<double>(
      row,
      [&](float x, uint32_t key, int32_t id) {
        if (!kept.has(key, id)) return 0.0;
        const double width = weight(x);
        return width < record.min_p ? 0.0 : width;
      },
      [&](double all) { return uniform * all; });
}

__global__ void __launch_bounds__(kThreads) sample_row(const __grid_constant__ SampleArgs args) {
  const int64_t row = blockIdx.x;
  if (row >= count_of(args.rows, args.step)) return;
  int32_t words[SIROCCO_SAMPLING_INTS];
  for (int i = 0; i < SIROCCO_SAMPLING_INTS; ++i) words[i] = args.settings[row * args.stride + i];
  sdk::SamplingRecord record;
  memcpy(&record, words, sizeof record);
  const int32_t id =
      choose({args.logits, args.dtype, row * args.vocabulary, args.vocabulary}, record);
  if (threadIdx.x == 0) args.ids[row] = id;
}

}  // namespace

void sample(Launcher& launcher, const SampleArgs& args, int64_t rows) {
  launch(launcher, {.x = rows, .threads = kThreads}, sample_row, args);
}

}  // namespace sirocco::cuda
