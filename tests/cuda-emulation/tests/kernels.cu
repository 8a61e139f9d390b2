#include "kernels.hpp"

#include <cuda_emulation/ptx.hpp>
#include <cuda_emulation/shared.hpp>

namespace kernels {
namespace {

using cuda_emulation::shared_array;

__global__ void reverse_kernel(float* target, const float* source, int n, Fault fault) {
  float* tile = shared_array<float, 64, 0>();
  const int i = static_cast<int>(blockIdx.x * 64 + threadIdx.x);
  const int t = static_cast<int>(threadIdx.x);
  const int past = fault == Fault::tail_off_by_one ? 1 : 0;
  if (!(fault == Fault::uninitialised_shared && t == 5))
    tile[t + (fault == Fault::shared_out_of_bounds && t == 63 ? 1 : 0)] = source[i + past];
  if (fault == Fault::divergent_barrier && t == 7) return;
  if (fault != Fault::missing_barrier) __syncthreads();
  const int first = n - 64 - static_cast<int>(blockIdx.x) * 64;
  const int at = fault == Fault::racing_blocks ? 0 : first;
  target[at + t] = tile[63 - t];
}

__global__ void sum_kernel(float* target, const float* source, int n, Fault fault) {
  float* parts = shared_array<float, 4, 0>();
  const int t = static_cast<int>(threadIdx.x);
  float mine = 0;
  for (int i = t; i < n; i += 128) mine += source[i];
  if (fault == Fault::missing_lane && t == 3) mine = 0;
  if (fault == Fault::mixed_collectives && t == 9) __ballot_sync(0xffffffffu, 1);
  if (!(fault == Fault::missing_lane && t == 3))
    for (int step = 16; step; step /= 2) mine += __shfl_xor_sync(0xffffffffu, mine, step);
  if (fault == Fault::racing_accumulator) {
    target[0] += mine;
    return;
  }
  if (t % 32 == 0) parts[t / 32] = mine;
  __syncthreads();
  if (t == 0) target[0] = parts[0] + parts[1] + parts[2] + parts[3];
}

__global__ void product_kernel(float* d, const uint16_t* a, const uint16_t* b, Fault fault) {
  const int lane = static_cast<int>(threadIdx.x), row = lane / 4, k = lane % 4 * 2;
  const int below = fault == Fault::wrong_fragment ? 1 : 8;
  const auto pair = [](const uint16_t* p) { return p[0] | static_cast<uint32_t>(p[1]) << 16; };
  const uint32_t left[4] = {pair(a + row * 16 + k), pair(a + (row + below) * 16 + k),
                            pair(a + row * 16 + k + 8), pair(a + (row + below) * 16 + k + 8)};
  float sums[4] = {};
  cuda_emulation::ptx::multiply_f16(sums, left, pair(b + row * 16 + k), pair(b + row * 16 + k + 8));
  float* tile = shared_array<float, 128, 0>();
  tile[row * 8 + k] = sums[0];
  tile[row * 8 + k + 1] = sums[1];
  tile[(row + 8) * 8 + k] = sums[2];
  tile[(row + 8) * 8 + k + 1] = sums[3];
  if (fault != Fault::missing_warp_barrier) __syncwarp();
  for (int i = lane; i < 128; i += 32) d[i] = tile[i];
}

__global__ void copied_kernel(float* target, const float* source, Fault fault) {
  float* tile = shared_array<float, 256, 0>();
  const int t = static_cast<int>(threadIdx.x);
  const int first = static_cast<int>(blockIdx.x) * 256;
  cuda_emulation::ptx::copy_async(tile + 4 * t, source + first + 4 * t, true);
  cuda_emulation::ptx::commit_copies();
  if (fault != Fault::unwaited_copy) cuda_emulation::ptx::wait_copies(0);
  __syncthreads();
  for (int i = t; i < 256; i += 64) target[first + i] = tile[i] + 1;
}

}  // namespace

void reverse(float* target, const float* source, int n, Fault fault, cudaStream_t stream) {
  cuda_emulation::launch(reverse_kernel, dim3(static_cast<unsigned>(n / 64)), dim3(64), 0, stream,
                         target, source, n, fault);
}
void sum(float* target, const float* source, int n, Fault fault, cudaStream_t stream) {
  cuda_emulation::launch(sum_kernel, dim3(1), dim3(128), 0, stream, target, source, n, fault);
}
void product(float* d, const uint16_t* a, const uint16_t* b, Fault fault, cudaStream_t stream) {
  cuda_emulation::launch(product_kernel, dim3(1), dim3(32), 0, stream, d, a, b, fault);
}
void copied(float* target, const float* source, int n, Fault fault, cudaStream_t stream) {
  cuda_emulation::launch(copied_kernel, dim3(static_cast<unsigned>(n / 256)), dim3(64), 0, stream,
                         target, source, fault);
}

}  // namespace kernels
