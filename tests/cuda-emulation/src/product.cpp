#include "product.hpp"

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "memory.hpp"
#include "state.hpp"

namespace cuda_emulation {
namespace {

float load(const char* base, cudaDataType_t type, uint64_t index) {
  if (type == CUDA_R_32F) return reinterpret_cast<const float*>(base)[index];
  if (type == CUDA_R_16F) return __half2float(reinterpret_cast<const __half*>(base)[index]);
  return __bfloat162float(reinterpret_cast<const __nv_bfloat16*>(base)[index]);
}

void store(char* base, cudaDataType_t type, uint64_t index, float value) {
  if (type == CUDA_R_32F) {
    reinterpret_cast<float*>(base)[index] = value;
  } else if (type == CUDA_R_16F) {
    reinterpret_cast<__half*>(base)[index] = __float2half_rn(value);
  } else {
    reinterpret_cast<__nv_bfloat16*>(base)[index] = __float2bfloat16_rn(value);
  }
}

std::vector<float> as_floats(const char* base, cudaDataType_t type, uint64_t n) {
  std::vector<float> values(n);
  for (uint64_t i = 0; i < n; ++i) values[i] = load(base, type, i);
  return values;
}

/// Every matrix in an allocation, weights written, the output apart from what is read.
bool check(const Product& p) {
  const std::pair<const char*, uint64_t> read[] = {{p.a, p.bytes(p.k, p.m, p.a_stride)},
                                                   {p.b, p.bytes(p.k, p.n, p.b_stride)},
                                                   {p.workspace, p.workspace_bytes}};
  const uint64_t d_bytes = p.bytes(p.m, p.n, p.d_stride);
  const auto outside = [](const char* at, uint64_t bytes) {
    if (bytes == 0 || inside_allocation(at, bytes)) return false;
    report("out of bounds", "a matrix of " + std::to_string(bytes) +
                                " bytes reaches beyond its allocation, or it was freed");
    return true;
  };
  for (const auto& [at, bytes] : read) {
    if (outside(at, bytes)) return false;
    if (at < p.d + d_bytes && p.d < at + bytes) {
      report("overlap", "the output lies in what the product reads or works in");
      return false;
    }
  }
  if (outside(p.d, d_bytes)) return false;
  if (p.beta != 0 && outside(p.c, p.bytes(p.m, p.n, p.c_stride))) return false;
  for (uint64_t row = 0; row < p.m; ++row) {
    if (was_written(p.a + row * p.a_stride * p.size(), p.k * p.size())) continue;
    report("uninitialised", "row " + std::to_string(row) + " of the weights was never written");
    return false;
  }
  return true;
}

/// Column `j` of D. What is made of something that nobody wrote is itself unwritten, as a kernel
/// that is given more rows than a step has leaves them.
void multiply_column(const Product& p, uint64_t j, const std::vector<float>& a) {
  const char* b = p.b + j * p.b_stride * p.size();
  const char* c = p.c + j * p.c_stride * p.size();
  char* d = p.d + j * p.d_stride * p.size();
  const bool known =
      was_written(b, p.k * p.size()) && (p.beta == 0 || was_written(c, p.m * p.size()));
  if (!known) {
    std::memset(d, 0xff, p.m * p.size());
    return mark_unwritten(d, p.m * p.size());
  }
  const std::vector<float> x = as_floats(b, p.type, p.k);
  const bool split = p.workspace_bytes != 0;
  auto* parts = reinterpret_cast<float*>(p.workspace) + j * 2 * p.m;
  for (uint64_t i = 0; i < p.m; ++i) {
    const float* w = a.data() + i * p.k;
    float sums[2] = {};
    for (uint64_t l = 0; l < p.k; ++l) sums[split && l >= p.k / 2] += w[l] * x[l];
    if (split) std::memcpy(parts + 2 * i, sums, sizeof sums);
    const float old = p.beta == 0 ? 0 : p.beta * load(c, p.type, i);
    store(d, p.type, i, p.alpha * (sums[0] + sums[1]) + old);
  }
  mark_written(d, p.m * p.size());
}

}  // namespace

void multiply(const Product& p) {
  if (!check(p)) return;
  std::vector<float> a;
  for (uint64_t row = 0; row < p.m; ++row) {
    const auto values = as_floats(p.a + row * p.a_stride * p.size(), p.type, p.k);
    a.insert(a.end(), values.begin(), values.end());
  }
  for (uint64_t j = 0; j < p.n; ++j) multiply_column(p, j, a);
}

}  // namespace cuda_emulation
