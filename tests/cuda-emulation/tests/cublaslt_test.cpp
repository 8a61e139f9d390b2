// cuBLASLt's twin: right products, and what it refuses or reports.

#include <cublasLt.h>

#include <cstdlib>

#include <cuda_emulation/library.hpp>

#include "device.hpp"

namespace {

/// D = Aᵀ · B (+ C) with columns of `k` elements in A and B and of `m` in C and D.
struct Product {
  Product(uint64_t rows, uint64_t columns, uint64_t depth, uint64_t workspace = 0)
      : m(rows), n(columns), k(depth), workspace_bytes(workspace) {
    REQUIRE(cublasLtCreate(&handle) == CUBLAS_STATUS_SUCCESS);
    cublasLtMatmulDescCreate(&operation, CUBLAS_COMPUTE_32F, CUDA_R_32F);
    const int32_t transposed = CUBLAS_OP_T;
    cublasLtMatmulDescSetAttribute(operation, CUBLASLT_MATMUL_DESC_TRANSA, &transposed, 4);
    cublasLtMatrixLayoutCreate(&a, CUDA_R_32F, k, m, static_cast<int64_t>(k));
    cublasLtMatrixLayoutCreate(&b, CUDA_R_32F, k, n, static_cast<int64_t>(k));
    cublasLtMatrixLayoutCreate(&d, CUDA_R_32F, m, n, static_cast<int64_t>(m));
    cublasLtMatmulPreferenceCreate(&preference);
    cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                         &workspace_bytes, sizeof workspace_bytes);
    int found = 0;
    REQUIRE(cublasLtMatmulAlgoGetHeuristic(handle, operation, a, b, d, d, preference, 1, &chosen,
                                           &found) == CUBLAS_STATUS_SUCCESS);
    REQUIRE(found == 1);
  }
  Product(const Product&) = delete;
  ~Product() {
    cublasLtMatmulPreferenceDestroy(preference);
    for (cublasLtMatrixLayout_t one : {a, b, d}) cublasLtMatrixLayoutDestroy(one);
    cublasLtMatmulDescDestroy(operation);
    cublasLtDestroy(handle);
  }

  void set_columns(uint64_t columns) {
    for (cublasLtMatrixLayout_t one : {b, d})
      cublasLtMatrixLayoutSetAttribute(one, CUBLASLT_MATRIX_LAYOUT_COLS, &columns, sizeof columns);
  }
  cublasStatus_t multiply(Device& device, const float* weights, const float* x, const float* old,
                          float* y, void* workspace = nullptr, size_t bytes = 0) {
    const float alpha = 1, beta = old ? 1 : 0;
    return cublasLtMatmul(handle, operation, &alpha, weights, a, x, b, &beta, old ? old : y, d, y,
                          d, &chosen.algo, workspace, bytes, device.stream);
  }

  uint64_t m, n, k, workspace_bytes;
  cublasLtHandle_t handle = nullptr;
  cublasLtMatmulDesc_t operation = nullptr;
  cublasLtMatrixLayout_t a = nullptr, b = nullptr, d = nullptr;
  cublasLtMatmulPreference_t preference = nullptr;
  cublasLtMatmulHeuristicResult_t chosen{};
};

const std::vector<float> kWeights{1, 2, 3, 4, 5, 6};  // two columns of three
const std::vector<float> kX{1, 0, 0, 1, 1, 1};
const std::vector<float> kY{1, 4, 6, 15};

std::string only_violation() {
  REQUIRE(cuda_emulation::violations().size() == 1);
  return cuda_emulation::violations()[0].kind;
}

}  // namespace

TEST_CASE("a product waits in its stream, and adds what it is told to add") {
  Device device;
  Product product(2, 2, 3);
  float* weights = device.put(kWeights);
  float* x = device.put(kX);
  float* y = device.put(std::vector<float>(4));
  CHECK(product.multiply(device, weights, x, nullptr, y) == CUBLAS_STATUS_SUCCESS);
  cudaMemcpy(x, kX.data(), sizeof(float), cudaMemcpyHostToDevice);
  CHECK(device.get(y, 4) == kY);
  float* old = device.put(std::vector<float>{10, 20, 30, 40});
  CHECK(product.multiply(device, weights, x, old, y) == CUBLAS_STATUS_SUCCESS);
  CHECK(device.get(y, 4) == std::vector<float>{11, 24, 36, 55});
  CHECK(device.error == cudaSuccess);
}

TEST_CASE("a deep product works in its workspace, in a captured graph too") {
  Device device;
  Product product(3, 2, 64, 1 << 20);
  REQUIRE(product.chosen.workspaceSize == 3 * 2 * 2 * sizeof(float));
  float* weights = device.put(std::vector<float>(192, 1.0f));
  float* x = device.put(numbers(128));
  float* y = device.put(std::vector<float>(6));
  float* work = device.empty<float>(12);
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  cudaStreamBeginCapture(device.stream, cudaStreamCaptureModeThreadLocal);
  CHECK(product.multiply(device, weights, x, nullptr, y, work, 47) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(product.multiply(device, weights, x, nullptr, y, work, 48) == CUBLAS_STATUS_SUCCESS);
  REQUIRE(cudaStreamEndCapture(device.stream, &graph) == cudaSuccess);
  REQUIRE(cudaGraphInstantiate(&executable, graph) == cudaSuccess);
  CHECK(device.get(y, 6) == std::vector<float>(6));
  cudaGraphLaunch(executable, device.stream);
  CHECK(device.get(y, 6) == std::vector<float>{2080, 2080, 2080, 6176, 6176, 6176});
  cudaGraphDestroy(graph);
  cudaGraphExecDestroy(executable);
}

TEST_CASE("an algorithm serves fewer rows than it was found for, and no more") {
  Device device;
  Product product(2, 2, 3);
  float* weights = device.put(kWeights);
  float* x = device.put(std::vector<float>(9, 1.0f));
  float* y = device.put(std::vector<float>(6));
  product.set_columns(1);
  CHECK(product.multiply(device, weights, x, nullptr, y) == CUBLAS_STATUS_SUCCESS);
  CHECK(device.get(y, 4) == std::vector<float>{6, 15, 0, 0});
  product.set_columns(3);
  CHECK(product.multiply(device, weights, x, nullptr, y) == CUBLAS_STATUS_NOT_SUPPORTED);
  CHECK(product.multiply(device, weights, x + 1, nullptr, y) == CUBLAS_STATUS_INVALID_VALUE);
}

TEST_CASE("what a product makes of something unwritten is unwritten, weights must be written") {
  Device device;
  Product product(2, 2, 3);
  float* weights = device.put(kWeights);
  float* x = device.empty<float>(6);
  float* y = device.empty<float>(4);
  cudaMemcpy(x, kX.data(), 3 * sizeof(float), cudaMemcpyHostToDevice);
  CHECK(product.multiply(device, weights, x, nullptr, y) == CUBLAS_STATUS_SUCCESS);
  const std::vector<float> found = device.get(y, 4);
  CHECK(found[0] == 1);
  CHECK(found[1] == 4);
  CHECK(found[2] != found[2]);
  CHECK(device.error == cudaSuccess);
  // The row that was never written makes another such row.
  float* next = device.empty<float>(4);
  Product square(2, 2, 2);
  CHECK(square.multiply(device, weights, y, nullptr, next) == CUBLAS_STATUS_SUCCESS);
  const std::vector<float> after = device.get(next, 4);
  CHECK(after[0] == 9);
  CHECK(after[3] != after[3]);
  CHECK(square.multiply(device, y, weights, nullptr, next) == CUBLAS_STATUS_SUCCESS);
  device.get(next, 4);
  CHECK(device.error != cudaSuccess);
  CHECK(only_violation() == "uninitialised");
}

TEST_CASE("matrices lie in their allocations, and outputs in nothing that is read") {
  for (const std::string kind : {"out of bounds", "overlap", "stale address"}) {
    Device device;
    Product product(2, 2, 3);
    float* weights = device.put(kWeights);
    float* x = device.put(kX);
    void* y = nullptr;
    REQUIRE(cudaMalloc(&y, kind == "out of bounds" ? 12 : 16) == cudaSuccess);
    if (kind == "stale address") {
      cudaGraph_t graph = nullptr;
      cudaGraphExec_t executable = nullptr;
      cudaStreamBeginCapture(device.stream, cudaStreamCaptureModeThreadLocal);
      product.multiply(device, weights, x, nullptr, static_cast<float*>(y));
      cudaStreamEndCapture(device.stream, &graph);
      cudaGraphInstantiate(&executable, graph);
      cudaFree(y);
      y = nullptr;
      cudaGraphLaunch(executable, device.stream);
      cudaStreamSynchronize(device.stream);
      cudaGraphDestroy(graph);
      cudaGraphExecDestroy(executable);
    } else {
      product.multiply(device, weights, x, nullptr, kind == "overlap" ? x : static_cast<float*>(y));
      CHECK(cudaStreamSynchronize(device.stream) != cudaSuccess);
    }
    CHECK(only_violation() == kind);
    cudaFree(y);
  }
}

TEST_CASE("only what is emulated is found") {
  std::string problem;
  void* library = cuda_emulation::open_library("libcublasLt.so.13", problem);
  REQUIRE(library);
  CHECK(cuda_emulation::find_symbol(library, "cublasLtMatmul"));
  CHECK_FALSE(cuda_emulation::find_symbol(library, "cublasLtMatrixTransform"));
  CHECK_FALSE(cuda_emulation::open_library("libcudnn.so.9", problem));
  CHECK(problem.find("libcudnn.so.9: cannot open") == 0);
}
