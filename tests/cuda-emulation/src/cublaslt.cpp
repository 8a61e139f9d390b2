// cuBLASLt's entry points: what the library refuses is refused when it is called, the product is
// done when its stream is.

#include <cublasLt.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <set>
#include <utility>

#include <cuda_emulation/control.hpp>
#include <cuda_emulation/launch.hpp>

#include "libraries.hpp"
#include "product.hpp"
#include "state.hpp"

struct cublasLtContext {
  int device = 0;
};
struct cublasLtMatmulDescOpaque_t {
  cublasComputeType_t compute;
  cudaDataType_t scale;
  int32_t transposed = CUBLAS_OP_N;  ///< the first matrix
};
struct cublasLtMatrixLayoutOpaque_t {
  cudaDataType_t type;
  uint64_t rows, columns;
  int64_t stride;  ///< between columns
};
struct cublasLtMatmulPreferenceOpaque_t {
  uint64_t workspace_bytes = 0;
  uint32_t reductions = 7;
  uint32_t alignment[4] = {256, 256, 256, 256};
};

namespace cuda_emulation {
namespace {

/// Sums of more products are made in two parts that meet in the workspace.
constexpr uint64_t kLeastSplit = 64;

struct Objects {
  std::set<cublasLtHandle_t> handles;
  size_t descriptors = 0;
};
Objects& objects() {
  static Objects all;
  return all;
}

bool asked_for(const char* fault) {
  const char* wanted = std::getenv("CUDA_EMULATION_CUBLASLT");
  return wanted && std::strcmp(wanted, fault) == 0;
}

/// What the algorithm was found for.
struct Algorithm {
  uint64_t m, n, k, type, workspace_bytes;
  uint32_t alignment[4];
  uint64_t magic;
};
static_assert(sizeof(Algorithm) == sizeof(cublasLtMatmulAlgo_t));
constexpr uint64_t kMagic = 0x6d6d616c676f7269;

/// The shape, where the operation and layouts make sense together.
bool shape_of(cublasLtMatmulDesc_t operation, cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d, Product& product) {
  for (const auto* layout : {a, b, c, d})
    if (!layout || layout->stride < 0 || static_cast<uint64_t>(layout->stride) < layout->rows)
      return false;
  if (!operation || a->rows != b->rows || c->rows != a->columns || d->rows != a->columns ||
      c->columns != b->columns || d->columns != b->columns)
    return false;
  product = {.m = a->columns,
             .n = b->columns,
             .k = a->rows,
             .type = a->type,
             .a_stride = static_cast<uint64_t>(a->stride),
             .b_stride = static_cast<uint64_t>(b->stride),
             .c_stride = static_cast<uint64_t>(c->stride),
             .d_stride = static_cast<uint64_t>(d->stride)};
  return true;
}

/// The combinations that are emulated, of those that the library has.
bool supported(cublasLtMatmulDesc_t operation, cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
               cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d) {
  return operation->compute == CUBLAS_COMPUTE_32F && operation->scale == CUDA_R_32F &&
         operation->transposed == CUBLAS_OP_T && a->type == b->type && a->type == c->type &&
         a->type == d->type;
}

bool misaligned(const void* address, uint32_t alignment) {
  return reinterpret_cast<uintptr_t>(address) % alignment != 0;
}

template <class T, class... Arguments>
cublasStatus_t make(T*& made, Arguments... arguments) {
  const std::lock_guard lock(the_lock());
  made = new T{arguments...};
  ++objects().descriptors;
  return CUBLAS_STATUS_SUCCESS;
}

template <class T>
cublasStatus_t unmake(T* object) {
  const std::lock_guard lock(the_lock());
  if (object) --objects().descriptors;
  delete object;
  return CUBLAS_STATUS_SUCCESS;
}

template <class T>
cublasStatus_t set(T& field, const void* value, size_t bytes) {
  if (!value || bytes != sizeof field) return CUBLAS_STATUS_INVALID_VALUE;
  std::memcpy(&field, value, bytes);
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace

size_t live_library_objects() {
  return objects().handles.size() + objects().descriptors;
}

}  // namespace cuda_emulation

using namespace cuda_emulation;

size_t cublasLtGetVersion() {
  return CUBLAS_VER_MAJOR * 10000 + CUBLAS_VER_MINOR * 100 + CUBLAS_VER_PATCH;
}

const char* cublasLtGetStatusName(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS:
      return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED:
      return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_ALLOC_FAILED:
      return "CUBLAS_STATUS_ALLOC_FAILED";
    case CUBLAS_STATUS_INVALID_VALUE:
      return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_EXECUTION_FAILED:
      return "CUBLAS_STATUS_EXECUTION_FAILED";
    case CUBLAS_STATUS_NOT_SUPPORTED:
      return "CUBLAS_STATUS_NOT_SUPPORTED";
  }
  return "CUBLAS_STATUS_UNKNOWN";
}
const char* cublasLtGetStatusString(cublasStatus_t status) {
  return status == CUBLAS_STATUS_EXECUTION_FAILED ? "the function failed to launch on the GPU"
                                                  : cublasLtGetStatusName(status);
}

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  const std::lock_guard lock(the_lock());
  if (asked_for("no-handle")) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (lost() != cudaSuccess) return CUBLAS_STATUS_NOT_INITIALIZED;
  *handle = *objects().handles.insert(new cublasLtContext{current_device()}).first;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  const std::lock_guard lock(the_lock());
  if (!objects().handles.erase(handle)) return CUBLAS_STATUS_NOT_INITIALIZED;
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* operation,
                                        cublasComputeType_t compute, cudaDataType_t scale) {
  return make(*operation, compute, scale);
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t operation) {
  return unmake(operation);
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t operation,
                                              cublasLtMatmulDescAttributes_t, const void* value,
                                              size_t bytes) {
  return set(operation->transposed, value, bytes);
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType_t type,
                                          uint64_t rows, uint64_t columns, int64_t stride) {
  return make(*layout, type, rows, columns, stride);
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  return unmake(layout);
}
cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t layout,
                                                cublasLtMatrixLayoutAttribute_t, const void* value,
                                                size_t bytes) {
  return set(layout->columns, value, bytes);
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  return make(*preference);
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  return unmake(preference);
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t attribute,
                                                    const void* value, size_t bytes) {
  if (attribute == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES)
    return set(preference->workspace_bytes, value, bytes);
  if (attribute == CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK)
    return set(preference->reductions, value, bytes);
  return set(preference->alignment[attribute - CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES], value,
             bytes);
}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle,
                                              cublasLtMatmulDesc_t operation,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                              cublasLtMatmulPreference_t preference, int wanted,
                                              cublasLtMatmulHeuristicResult_t results[],
                                              int* found) {
  const std::lock_guard lock(the_lock());
  *found = 0;
  Product product{};
  if (!objects().handles.count(handle)) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (wanted < 1 || !preference || !shape_of(operation, a, b, c, d, product))
    return CUBLAS_STATUS_INVALID_VALUE;
  if (!supported(operation, a, b, c, d) || asked_for("no-algorithm"))
    return CUBLAS_STATUS_NOT_SUPPORTED;
  Algorithm algorithm{product.m, product.n, product.k, product.type, 0, {}, kMagic};
  std::ranges::copy(preference->alignment, algorithm.alignment);
  const uint64_t parts = product.m * product.n * 2 * sizeof(float);
  if (product.k >= kLeastSplit && parts <= preference->workspace_bytes &&
      (preference->reductions & CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE))
    algorithm.workspace_bytes = parts;
  results[0] = {{}, algorithm.workspace_bytes, CUBLAS_STATUS_SUCCESS, 1, {}};
  std::memcpy(&results[0].algo, &algorithm, sizeof algorithm);
  *found = 1;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation,
                              const void* alpha, const void* a, cublasLtMatrixLayout_t a_layout,
                              const void* b, cublasLtMatrixLayout_t b_layout, const void* beta,
                              const void* c, cublasLtMatrixLayout_t c_layout, void* d,
                              cublasLtMatrixLayout_t d_layout,
                              const cublasLtMatmulAlgo_t* algorithm, void* workspace,
                              size_t workspace_bytes, cudaStream_t stream) {
  const std::lock_guard lock(the_lock());
  if (!objects().handles.count(handle)) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (asked_for("fail") || handle->device != current_device())
    return CUBLAS_STATUS_EXECUTION_FAILED;
  Product product{};
  if (!alpha || !beta || !a || !b || !c || !d || !algorithm ||
      !shape_of(operation, a_layout, b_layout, c_layout, d_layout, product))
    return CUBLAS_STATUS_INVALID_VALUE;
  Algorithm chosen{};
  std::memcpy(&chosen, algorithm, sizeof chosen);
  if (chosen.magic != kMagic || workspace_bytes < chosen.workspace_bytes ||
      misaligned(workspace, 256))
    return CUBLAS_STATUS_INVALID_VALUE;
  const void* addresses[] = {a, b, c, d};
  for (size_t i = 0; i < 4; ++i)
    if (misaligned(addresses[i], chosen.alignment[i])) return CUBLAS_STATUS_INVALID_VALUE;
  if (!supported(operation, a_layout, b_layout, c_layout, d_layout) || product.m != chosen.m ||
      product.k != chosen.k || product.type != chosen.type || product.n > chosen.n ||
      asked_for("not-these-rows"))
    return CUBLAS_STATUS_NOT_SUPPORTED;
  product.a = static_cast<const char*>(a);
  product.b = static_cast<const char*>(b);
  product.c = static_cast<const char*>(c);
  product.d = static_cast<char*>(d);
  product.workspace = static_cast<char*>(workspace);
  product.workspace_bytes = chosen.workspace_bytes;
  std::memcpy(&product.alpha, alpha, sizeof product.alpha);
  std::memcpy(&product.beta, beta, sizeof product.beta);
  Launch launch{reinterpret_cast<const void*>(cublasLtMatmul), dim3(1), dim3(1), {}, {}};
  launch.whole = [product] { multiply(product); };
  for (const void* address : addresses)
    launch.arguments.push_back(reinterpret_cast<uint64_t>(address));
  if (product.workspace_bytes) launch.arguments.push_back(reinterpret_cast<uint64_t>(workspace));
  return enqueue(std::move(launch), stream) == cudaSuccess ? CUBLAS_STATUS_SUCCESS
                                                           : CUBLAS_STATUS_EXECUTION_FAILED;
}
