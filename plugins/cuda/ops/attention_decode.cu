// Attention of single tokens. A block has one token, the query heads of one key head and one part
// of the keys: each key and value is read once, for all those heads. Lanes lie along a head, as
// many as it takes; what is left of a warp takes other keys. The softmax is kept up to date as keys
// come (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018), the parts are
// put together by a second kernel (Dao et al., "Flash-Decoding", 2023).

#include <cmath>

#include "kernels/launch.hpp"
#include "kernels/numbers.hpp"
#include "kernels/paged.hpp"
#include "kernels/shared.hpp"
#include "kernels/warp.hpp"
#include "ops/attention.hpp"

namespace sirocco::cuda {
namespace {

constexpr int kThreads = 128;
constexpr int kWarps = kThreads / kWarp;
/// Keys of a lane that are in flight.
constexpr int kUnroll = 2;

/// The softmax of some keys for one head: sum of e^(score - most) times values, and of e^… alone.
template <int kElements>
struct Partial {
  float most = -INFINITY;
  float sum = 0;
  float values[kElements] = {};

  /// To another maximum, that of more keys.
  __device__ void scale_to(float other) {
    const float factor = most == -INFINITY ? 0.0f : expf(most - other);
    most = other;
    sum *= factor;
#pragma unroll
    for (int e = 0; e < kElements; ++e) values[e] *= factor;
  }
};

/// The lanes of a key: a power of two.
__device__ int lanes_of(int dim, int elements) {
  int lanes = 1;
  while (lanes * elements < dim) lanes *= 2;
  return lanes;
}

template <class Kv>
__device__ void read_vector(const void* plane, int64_t element, float* target, bool there) {
  uint4 words{0, 0, 0, 0};
  if (there) words = load_once(static_cast<const Kv*>(plane) + element);
  unpack<Kv>(words, target);
}

template <class Kv, int kGroup, int kVectors>
__global__ void __launch_bounds__(kThreads) decode(const __grid_constant__ AttentionArgs args) {
  constexpr int kElements = kVector<Kv> * kVectors;
  float* shared_values = shared_array<float, kWarps * kGroup * kMostHeadDim, 0>();
  float* shared_sums = shared_array<float, kWarps * kGroup * 2, 1>();
  const int64_t token = blockIdx.y;
  if (token >= args.paged.step[SIROCCO_STEP_N_TOKENS]) return;
  const int kv_head = static_cast<int>(blockIdx.x) % args.kv_heads;
  const int first_of_group = static_cast<int>(blockIdx.x) / args.kv_heads * kGroup;
  const int heads = args.kv_heads * args.group, dim = args.k_dim;
  const int first_head = kv_head * args.group + first_of_group;
  const int n_heads = min(kGroup, args.group - first_of_group);
  const int part = static_cast<int>(blockIdx.z), thread = static_cast<int>(threadIdx.x);
  const int64_t out = (token * heads + first_head) * dim;
  const int32_t sequence = args.paged.seq_of_token[token];
  if (sequence < 0) {
    for (int i = thread; part == 0 && i < n_heads * dim; i += kThreads)
      store(args.out, args.dtype, out + i, 0.0f);
    return;
  }
  if (args.paged.cu_seqlens[sequence + 1] - args.paged.cu_seqlens[sequence] > args.few_tokens)
    return;
  const Range range = range_of(args, sequence, token);
  const Cut cut = cut_of(args, range);
  if (part >= cut.parts) return;
  const int begin = range.first + part * cut.keys, end = min(begin + cut.keys, range.end);

  const int lanes = lanes_of(dim, kElements), keys_per_warp = kWarp / lanes;
  const int lane = thread % kWarp % lanes, warp = thread / kWarp;
  const int my_key = warp * keys_per_warp + thread % kWarp / lanes;
  float query[kGroup][kElements];
  Partial<kElements> state[kGroup];
  const auto element = [&](int e) {  // of the head, by its number in this lane
    return (e / kVector<Kv> * lanes + lane) * kVector<Kv> + e % kVector<Kv>;
  };
#pragma unroll
  for (int g = 0; g < kGroup; ++g)
#pragma unroll
    for (int e = 0; e < kElements; ++e)
      query[g][e] = g < n_heads && element(e) < dim
                        ? args.scale * load(args.q, args.dtype, out + g * dim + element(e))
                        : 0.0f;

  const int32_t* table =
      args.paged.table + static_cast<int64_t>(sequence) * args.paged.table_stride;
  const int64_t width = static_cast<int64_t>(args.kv_heads) * dim;
  const int stride = kWarps * keys_per_warp;
  for (int base = begin; base < end; base += stride * kUnroll) {
    float key[kUnroll][kElements], value[kUnroll][kElements], score[kUnroll][kGroup];
#pragma unroll
    for (int u = 0; u < kUnroll; ++u) {
      const int position = base + u * stride + my_key;
      int64_t place = 0;
      if (position < end) place = slot_of(args.paged, table, position) * width + kv_head * dim;
#pragma unroll
      for (int v = 0; v < kVectors; ++v) {
        const int first = element(v * kVector<Kv>);
        const bool there = position < end && first < dim;
        read_vector<Kv>(args.keys, place + first, key[u] + v * kVector<Kv>, there);
        read_vector<Kv>(args.values, place + first, value[u] + v * kVector<Kv>, there);
      }
    }
#pragma unroll
    for (int u = 0; u < kUnroll; ++u) {
#pragma unroll
      for (int g = 0; g < kGroup; ++g) {
        float sum = 0;
#pragma unroll
        for (int e = 0; e < kElements; ++e) sum += query[g][e] * key[u][e];
        score[u][g] = sum_lanes(sum, lanes);
      }
    }
#pragma unroll
    for (int g = 0; g < kGroup; ++g) {
      float most = state[g].most;
#pragma unroll
      for (int u = 0; u < kUnroll; ++u)
        if (base + u * stride + my_key < end) most = fmaxf(most, score[u][g]);
      if (most == -INFINITY) continue;  // this lane has had no key yet
      state[g].scale_to(most);
#pragma unroll
      for (int u = 0; u < kUnroll; ++u) {
        if (base + u * stride + my_key >= end) continue;
        const float weight = expf(score[u][g] - most);
        state[g].sum += weight;
#pragma unroll
        for (int e = 0; e < kElements; ++e) state[g].values[e] += weight * value[u][e];
      }
    }
  }

  // The keys of a warp, then those of all warps.
#pragma unroll
  for (int g = 0; g < kGroup; ++g) {
    float most = state[g].most;
    for (int distance = lanes; distance < kWarp; distance *= 2)
      most = fmaxf(most, __shfl_xor_sync(kAllLanes, most, distance));
    state[g].scale_to(most);
    for (int distance = lanes; distance < kWarp; distance *= 2) {
      state[g].sum += __shfl_xor_sync(kAllLanes, state[g].sum, distance);
#pragma unroll
      for (int e = 0; e < kElements; ++e)
        state[g].values[e] += __shfl_xor_sync(kAllLanes, state[g].values[e], distance);
    }
    if (thread % kWarp >= lanes) continue;
#pragma unroll
    for (int e = 0; e < kElements; ++e)
      if (element(e) < dim)
        shared_values[(warp * kGroup + g) * kMostHeadDim + element(e)] = state[g].values[e];
    if (lane == 0) {
      shared_sums[(warp * kGroup + g) * 2] = state[g].most;
      shared_sums[(warp * kGroup + g) * 2 + 1] = state[g].sum;
    }
  }
  __syncthreads();
  for (int i = thread; i < n_heads * dim; i += kThreads) {
    const int g = i / dim, d = i % dim;
    float most = -INFINITY, sum = 0, total = 0;
    for (int w = 0; w < kWarps; ++w) most = fmaxf(most, shared_sums[(w * kGroup + g) * 2]);
    for (int w = 0; w < kWarps; ++w) {
      const float other = shared_sums[(w * kGroup + g) * 2];
      const float factor = other == -INFINITY ? 0.0f : expf(other - most);
      sum += factor * shared_sums[(w * kGroup + g) * 2 + 1];
      total += factor * shared_values[(w * kGroup + g) * kMostHeadDim + d];
    }
    if (cut.parts == 1) {
      store(args.out, args.dtype, out + i, total / sum);
      continue;
    }
    float* partial =
        args.partial + ((token * heads + first_head + g) * args.splits + part) * (dim + 2);
    partial[d] = total;
    if (d == 0) {
      partial[dim] = most;
      partial[dim + 1] = sum;
    }
  }
}

/// The parts of one token and head become its output.
__global__ void __launch_bounds__(kThreads) combine(const __grid_constant__ AttentionArgs args) {
  const int64_t token = blockIdx.y;
  if (token >= args.paged.step[SIROCCO_STEP_N_TOKENS]) return;
  const int32_t sequence = args.paged.seq_of_token[token];
  if (sequence < 0 ||
      args.paged.cu_seqlens[sequence + 1] - args.paged.cu_seqlens[sequence] > args.few_tokens)
    return;
  const int parts = cut_of(args, range_of(args, sequence, token)).parts;
  if (parts == 1) return;
  const int head = static_cast<int>(blockIdx.x), heads = args.kv_heads * args.group;
  const int dim = args.v_dim;
  const float* partial = args.partial + (token * heads + head) * args.splits * (dim + 2);
  float most = -INFINITY;
  for (int i = 0; i < parts; ++i) most = fmaxf(most, partial[i * (dim + 2) + dim]);
  for (int d = static_cast<int>(threadIdx.x); d < dim; d += kThreads) {
    float sum = 0, total = 0;
    for (int i = 0; i < parts; ++i) {
      const float* one = partial + i * (dim + 2);
      const float factor = expf(one[dim] - most);
      sum += factor * one[dim + 1];
      total += factor * one[d];
    }
    store(args.out, args.dtype, (token * heads + head) * dim + d, total / sum);
  }
}

template <class Kv, int kVectors>
void launch_decode(Launcher& launcher, const AttentionArgs& args, int64_t tokens) {
  const int per_block = args.group == 1 ? 1 : args.group <= 4 ? 4 : 8;
  const Grid grid{.x = args.kv_heads * ceil_div(args.group, per_block),
                  .y = tokens,
                  .z = args.splits,
                  .threads = kThreads};
  if (per_block == 1) return launch(launcher, grid, decode<Kv, 1, kVectors>, args);
  if (per_block == 4) return launch(launcher, grid, decode<Kv, 4, kVectors>, args);
  launch(launcher, grid, decode<Kv, 8, kVectors>, args);
}

}  // namespace

bool fits_decode(const AttentionArgs& args) {
  const int vector = 16 / dtype_size(args.state_dtype);
  return args.k_dim == args.v_dim && args.k_dim % vector == 0 && args.k_dim <= kMostHeadDim;
}

void attention_decode(Launcher& launcher, const AttentionArgs& args, int64_t tokens) {
  if (args.state_dtype == Dtype::f16) {
    launch_decode<f16, 1>(launcher, args, tokens);
  } else if (args.state_dtype == Dtype::bf16) {
    launch_decode<bf16, 1>(launcher, args, tokens);
  } else if (args.k_dim <= kWarp * kVector<float>) {
    launch_decode<float, 1>(launcher, args, tokens);
  } else {
    launch_decode<float, 2>(launcher, args, tokens);
  }
  if (args.splits == 1) return;
  const Grid grid{.x = args.kv_heads * args.group, .y = tokens, .threads = kThreads};
  launch(launcher, grid, combine, args);
}

}  // namespace sirocco::cuda
