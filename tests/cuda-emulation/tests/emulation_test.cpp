#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include <cuda_emulation/control.hpp>

#include "catch.hpp"
#include "device.hpp"
#include "kernels.hpp"

namespace {

using kernels::Fault;

bool reverse_is_right(uint64_t seed, Fault fault) {
  Device device(seed);
  const std::vector<float> source = numbers(256);
  float* target = device.put(std::vector<float>(256));
  kernels::reverse(target, device.put(source), 256, fault, device.stream);
  const std::vector<float> found = device.get(target, 256);
  return std::equal(found.begin(), found.end(), source.rbegin());
}

bool sum_is_right(uint64_t seed, Fault fault) {
  Device device(seed);
  float* target = device.put(std::vector<float>(1));
  kernels::sum(target, device.put(numbers(1000)), 1000, fault, device.stream);
  return device.get(target, 1)[0] == 500500;
}

bool product_is_right(uint64_t seed, Fault fault) {
  Device device(seed);
  std::vector<uint16_t> a(256), b(128);
  for (size_t i = 0; i < a.size(); ++i) a[i] = __float2half_rn(float(i % 13) - 6).bits;
  for (size_t i = 0; i < b.size(); ++i) b[i] = __float2half_rn(float(i % 7) - 3).bits;
  float* d = device.put(std::vector<float>(128));
  kernels::product(d, device.put(a), device.put(b), fault, device.stream);
  const std::vector<float> found = device.get(d, 128);
  for (size_t row = 0; row < 16; ++row) {
    for (size_t column = 0; column < 8; ++column) {
      float sum = 0;
      for (size_t k = 0; k < 16; ++k)
        sum += __half2float({a[row * 16 + k]}) * __half2float({b[column * 16 + k]});
      if (found[row * 8 + column] != sum) return false;
    }
  }
  return true;
}

bool copied_is_right(uint64_t seed, Fault fault) {
  Device device(seed);
  float* target = device.put(std::vector<float>(512));
  kernels::copied(target, device.put(numbers(512)), 512, fault, device.stream);
  const std::vector<float> found = device.get(target, 512);
  for (size_t i = 0; i < found.size(); ++i)
    if (found[i] != float(i) + 2) return false;
  return true;
}

}  // namespace

TEST_CASE("correct kernels give the right numbers, in whatever order their threads run") {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    CHECK(reverse_is_right(seed, Fault::none));
    CHECK(sum_is_right(seed, Fault::none));
    CHECK(product_is_right(seed, Fault::none));
    CHECK(copied_is_right(seed, Fault::none));
    CHECK(last_violations.empty());
  }
}

TEST_CASE("every broken kernel is caught, by name") {
  struct Case {
    bool (*run)(uint64_t seed, Fault fault);
    Fault fault;
    const char* kind;
  };
  const Case cases[] = {
      {reverse_is_right, Fault::missing_barrier, "race"},
      {reverse_is_right, Fault::tail_off_by_one, "out of bounds"},
      {reverse_is_right, Fault::uninitialised_shared, "uninitialised"},
      {reverse_is_right, Fault::shared_out_of_bounds, "out of bounds"},
      {reverse_is_right, Fault::divergent_barrier, "divergence"},
      {reverse_is_right, Fault::racing_blocks, "race"},
      {sum_is_right, Fault::racing_accumulator, "race"},
      {sum_is_right, Fault::missing_lane, "divergence"},
      {sum_is_right, Fault::mixed_collectives, "divergence"},
      {product_is_right, Fault::missing_warp_barrier, "race"},
      {copied_is_right, Fault::unwaited_copy, "uninitialised"},
  };
  for (const Case& broken : cases) {
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      broken.run(seed, broken.fault);
      INFO("fault " << static_cast<int>(broken.fault) << ", seed " << seed);
      REQUIRE(last_violations.size() == 1);
      const std::string& kind = last_violations[0].kind;
      if (broken.kind == std::string("race")) {
        // A thread that comes too early may also find what is not written yet.
        CHECK((kind == "race" || kind == "uninitialised"));
      } else {
        CHECK(kind == broken.kind);
      }
    }
  }
  // A wrong fragment touches nothing it must not: the numbers give it away.
  CHECK_FALSE(product_is_right(1, Fault::wrong_fragment));
}

TEST_CASE("work waits in its stream until something needs it") {
  Device device;
  void* memory = nullptr;
  REQUIRE(cudaMallocHost(&memory, sizeof(float)) == cudaSuccess);
  auto* result = static_cast<float*>(memory);
  *result = -1;
  float* target = device.put(std::vector<float>(1));
  kernels::sum(target, device.put(numbers(10)), 10, Fault::none, device.stream);
  cudaMemcpyAsync(result, target, sizeof(float), cudaMemcpyDeviceToHost, device.stream);
  CHECK(*result == -1);
  CHECK(cudaStreamSynchronize(device.stream) == cudaSuccess);
  CHECK(*result == 55);
  CHECK(cudaFreeHost(memory) == cudaSuccess);
}

TEST_CASE("a stream waits for another's event") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Device device(seed);
    cudaStream_t other = nullptr;
    cudaEvent_t done = nullptr;
    REQUIRE(cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking) == cudaSuccess);
    REQUIRE(cudaEventCreate(&done) == cudaSuccess);
    float* middle = device.put(std::vector<float>(256));
    float* target = device.put(std::vector<float>(256));
    kernels::reverse(middle, device.put(numbers(256)), 256, Fault::none, device.stream);
    cudaEventRecord(done, device.stream);
    cudaStreamWaitEvent(other, done);
    kernels::reverse(target, middle, 256, Fault::none, other);
    CHECK(cudaStreamSynchronize(other) == cudaSuccess);
    CHECK(device.get(target, 256) == numbers(256));
    cudaEventDestroy(done);
    cudaStreamDestroy(other);
  }
}

TEST_CASE("a graph is replayed with the contents of now, and refuses memory that was freed") {
  Device device;
  float* source = device.put(numbers(256));
  float* target = device.put(std::vector<float>(1));
  void* doomed = nullptr;
  REQUIRE(cudaMalloc(&doomed, 4) == cudaSuccess);
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  for (float* result : {target, static_cast<float*>(doomed)}) {
    cudaStreamBeginCapture(device.stream, cudaStreamCaptureModeThreadLocal);
    kernels::sum(result, source, 256, Fault::none, device.stream);
    REQUIRE(cudaStreamEndCapture(device.stream, &graph) == cudaSuccess);
    REQUIRE(cudaGraphInstantiate(&executable, graph) == cudaSuccess);
    cudaGraphDestroy(graph);
    if (result == target) {
      CHECK(device.get(target, 1)[0] == 0);
      cudaGraphLaunch(executable, device.stream);
      CHECK(device.get(target, 1)[0] == 32896);
      cudaMemcpy(source, std::vector<float>(256, 1.0f).data(), 1024, cudaMemcpyHostToDevice);
      cudaGraphLaunch(executable, device.stream);
      CHECK(device.get(target, 1)[0] == 256);
    } else {
      cudaFree(doomed);
      // The same address again is not the same memory.
      float* again = device.empty<float>(1);
      CHECK(again == doomed);
      cudaGraphLaunch(executable, device.stream);
      CHECK(cudaStreamSynchronize(device.stream) != cudaSuccess);
      REQUIRE(cuda_emulation::violations().size() == 1);
      CHECK(cuda_emulation::violations()[0].kind == "stale address");
    }
    cudaGraphExecDestroy(executable);
  }
}

TEST_CASE("memory that was freed is not used") {
  Device device;
  float* source = device.put(numbers(256));
  float* target = device.put(std::vector<float>(1));
  CHECK(cudaMemcpy(target, source + 200, 57 * 4, cudaMemcpyDeviceToDevice) ==
        cudaErrorInvalidValue);
  CHECK(cudaFree(source + 1) == cudaErrorInvalidValue);
  CHECK(cudaGetLastError() == cudaErrorInvalidValue);
  CHECK(cudaGetLastError() == cudaSuccess);
}

TEST_CASE("a lost device answers every call with its error") {
  Device device;
  float* target = device.put(std::vector<float>(1));
  float* source = device.put(numbers(10));
  cuda_emulation::lose_device_after(1);
  kernels::sum(target, source, 10, Fault::none, device.stream);
  CHECK(cudaStreamSynchronize(device.stream) == cudaSuccess);
  kernels::sum(target, source, 10, Fault::none, device.stream);
  CHECK(cudaStreamSynchronize(device.stream) == cudaErrorECCUncorrectable);
  void* more = nullptr;
  CHECK(cudaMalloc(&more, 4) == cudaErrorECCUncorrectable);
}

TEST_CASE("memory runs out where it is told to") {
  Device device;
  const size_t before = cuda_emulation::live_allocations();
  void* pointer = nullptr;
  cuda_emulation::fail_allocation(2);
  REQUIRE(cudaMalloc(&pointer, 4) == cudaSuccess);
  void* second = nullptr;
  CHECK(cudaMalloc(&second, 4) == cudaErrorMemoryAllocation);
  CHECK(cudaMalloc(&second, size_t{1} << 40) == cudaErrorMemoryAllocation);
  CHECK(cuda_emulation::live_allocations() == before + 1);
  cudaFree(pointer);
  CHECK(cuda_emulation::live_allocations() == before);
}

TEST_CASE("loads, stores and unique sectors of global memory are counted") {
  Device device;
  float* source = device.put(numbers(1024));
  float* target = device.put(std::vector<float>(1024));
  cuda_emulation::count_traffic(true);
  kernels::reverse(target, source, 1024, Fault::none, device.stream);
  kernels::reverse(target, source, 1024, Fault::none, device.stream);
  cudaStreamSynchronize(device.stream);
  const cuda_emulation::Traffic traffic = cuda_emulation::traffic();
  CHECK(traffic.loaded == 2 * 4096);
  CHECK(traffic.stored == 2 * 4096);
  CHECK(traffic.read_sectors == 2 * 128);
  CHECK(traffic.written_sectors == 2 * 128);
}

TEST_CASE("launches of impossible shape are refused") {
  Device device;
  float* target = device.put(std::vector<float>(64));
  kernels::reverse(target, target, 0, Fault::none, device.stream);
  CHECK(cudaGetLastError() == cudaErrorInvalidConfiguration);
}

TEST_CASE("halves and bfloat16 round to nearest, ties to even") {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = __half2float({half});
    if (value == value) CHECK(__float2half_rn(value).bits == half);
    const float wide = __bfloat162float({half});
    if (wide == wide) CHECK(__float2bfloat16_rn(wide).bits == half);
  }
  CHECK(__float2half_rn(2049).bits == __float2half_rn(2048).bits);
  CHECK(__float2half_rn(2051).bits == __float2half_rn(2052).bits);
  CHECK(__float2half_rn(65520).bits == 0x7c00);
  CHECK(__float2half_rn(65519).bits == 0x7bff);
  CHECK(__float2half_rn(0x1p-25f).bits == 0);
  CHECK(__float2half_rn(0x1.8p-25f).bits == 1);
  CHECK(__float2bfloat16_rn(1.00390625f).bits == 0x3f80);
  CHECK(__float2bfloat16_rn(1.01171875f).bits == 0x3f82);
}
