// More than one device: whose memory, streams and events are whose.

#include <cstdlib>

#include "device.hpp"
#include "kernels.hpp"

namespace {

struct TwoDevices {
  TwoDevices() { setenv("CUDA_EMULATION_DEVICES", "2", 1); }
  ~TwoDevices() {
    cudaSetDevice(0);
    unsetenv("CUDA_EMULATION_DEVICES");
  }
};

}  // namespace

TEST_CASE("each device has its own memory, which only its own streams may touch") {
  const TwoDevices two;
  Device device;
  size_t free[2] = {}, total = 0;
  float* there = device.put(numbers(10));
  REQUIRE(cudaSetDevice(1) == cudaSuccess);
  cudaMemGetInfo(&free[1], &total);
  CHECK(free[1] == total);
  float* target = device.put(std::vector<float>(1));
  cudaStream_t stream = nullptr;
  REQUIRE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess);

  // The stream that the fixture made is of device 0.
  kernels::sum(target, device.put(numbers(10)), 10, kernels::Fault::none, device.stream);
  CHECK(cudaGetLastError() == cudaErrorInvalidResourceHandle);
  kernels::sum(target, device.put(numbers(10)), 10, kernels::Fault::none, stream);
  CHECK(cudaStreamSynchronize(stream) == cudaSuccess);
  CHECK(device.get(target, 1)[0] == 55);
  cudaEvent_t event = nullptr;
  REQUIRE(cudaEventCreate(&event) == cudaSuccess);
  CHECK(cudaEventRecord(event, device.stream) == cudaErrorInvalidResourceHandle);
  cudaEventDestroy(event);

  kernels::sum(target, there, 10, kernels::Fault::none, stream);
  CHECK(cudaStreamSynchronize(stream) == cudaErrorIllegalAddress);
  REQUIRE(cuda_emulation::violations().size() == 1);
  CHECK(cuda_emulation::violations()[0].kind == "another device");
  cudaStreamDestroy(stream);
}
