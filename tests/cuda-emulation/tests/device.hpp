#pragma once
// The emulated device as the tests use it.

#include <numeric>
#include <vector>

#include <cuda_runtime.h>
#include <cuda_emulation/control.hpp>

#include "catch.hpp"

/// Of the device that a test used last.
inline std::vector<cuda_emulation::Violation> last_violations;

/// Device memory with numbers in it, a stream, and nothing left over from another test.
class Device {
 public:
  explicit Device(uint64_t seed = 1) {
    cuda_emulation::reset(seed);
    REQUIRE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess);
  }
  ~Device() {
    last_violations = cuda_emulation::violations();
    for (void* pointer : allocations_) cudaFree(pointer);
    cudaStreamDestroy(stream);
    cuda_emulation::reset(1);
  }

  template <class T>
  T* put(const std::vector<T>& values) {
    T* pointer = empty<T>(values.size());
    cudaMemcpy(pointer, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice);
    return pointer;
  }
  template <class T>
  T* empty(size_t n) {
    void* pointer = nullptr;
    REQUIRE(cudaMalloc(&pointer, n * sizeof(T)) == cudaSuccess);
    allocations_.push_back(pointer);
    return static_cast<T*>(pointer);
  }
  template <class T>
  std::vector<T> get(const T* pointer, size_t n) {
    std::vector<T> values(n);
    error = cudaStreamSynchronize(stream);
    cudaMemcpy(values.data(), pointer, n * sizeof(T), cudaMemcpyDeviceToHost);
    return values;
  }

  cudaStream_t stream = nullptr;
  cudaError_t error = cudaSuccess;

 private:
  std::vector<void*> allocations_;
};

inline std::vector<float> numbers(size_t n) {
  std::vector<float> values(n);
  std::iota(values.begin(), values.end(), 1.0f);
  return values;
}
