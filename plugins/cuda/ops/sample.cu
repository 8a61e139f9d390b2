// ids[r]: the token of row r, as its record says (docs/ops.md, `sample`). A block a row.
// Nothing is sorted: what top_k and top_p keep are the logits above a threshold, and of those equal
// to it the lowest ids (kernels/row_search.hpp).

#include <climits>
#include <cmath>
#include <cstring>

#include <cuda_runtime.h>

#define SIROCCO_KERNEL_FUNCTION __host__ __device__
#include <sirocco/sdk/random.hpp>
#include <sirocco/sdk/sampling.hpp>

#include "kernels/block.hpp"
#include "kernels/launch.hpp"
#include "kernels/row_search.hpp"
#include "kernels/step.hpp"
#include "ops/sample.hpp"

namespace sirocco::cuda {
namespace {

constexpr int kThreads = 512;
// Of shared memory, behind the searches'.
constexpr int kMost = kSearchSlots, kSums = kSearchSlots + 1;

/// Logits above a threshold, and equals of it up to an id.
struct Kept {
  uint32_t threshold = 0;
  int32_t last = INT_MAX;

  __device__ bool has(uint32_t key, int32_t id) const {
    return key > threshold || (key == threshold && id <= last);
  }
};

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
      find_threshold<kThreads, int32_t>(row, k, [](float, uint32_t, int32_t) { return 1; });
  const int32_t equals = k - found.above;
  const int32_t last = find_place<kThreads, int32_t>(
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
  const auto found = find_threshold<kThreads, double>(row, wanted, measure);
  const double each = weight(float_of(found.key));
  const double equals = fmax(ceil((wanted - found.above) / each), 1.0);
  const int32_t last = find_place<kThreads, int32_t>(
      row,
      [&](float, uint32_t key, int32_t id) {
        return key == found.key && kept.has(key, id) ? 1 : 0;
      },
      [&](int32_t all) { return (equals < all ? static_cast<int32_t>(equals) : all) - 1; });
  // Where no logit is equal, rounding has left the sums short of what is wanted: all above are
  // kept.
  return found.key < kept.threshold ? kept : Kept{found.key, last};
}

__device__ int32_t choose(const Row& row, const sdk::SamplingRecord& record) {
  const float most = most_probable(row);
  if (!(most < INFINITY)) return sdk::kNoToken;
  if (!(record.temperature > 0)) {
    return find_place<kThreads, int32_t>(
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
  return find_place<kThreads, double>(
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
