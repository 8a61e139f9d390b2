#include "streams.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <string>

#include "block.hpp"
#include "memory.hpp"
#include "state.hpp"

struct CUevent_st {
  int device = 0;
  cudaStream_t stream = nullptr;  ///< where it was recorded last
  bool reached = true;
  double milliseconds = 0;
};
struct CUgraph_st {
  int device = 0;
  std::vector<std::function<void()>> work;
};
struct CUgraphExec_st {
  int device = 0;
  std::vector<std::function<void()>> work;
};

namespace cuda_emulation {
namespace {

std::set<cudaStream_t>& streams() {
  static std::set<cudaStream_t> all;
  return all;
}

double now() {
  const auto time = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(time).count();
}

void step(cudaStream_t stream) {
  const auto work = std::move(stream->work.front());
  stream->work.pop_front();
  work();
}

/// Generations of the allocations that the words may point into.
std::vector<std::pair<uint64_t, uint64_t>> addresses_in(const std::vector<uint64_t>& words) {
  std::vector<std::pair<uint64_t, uint64_t>> found;
  for (const uint64_t word : words)
    if (const uint64_t generation = generation_of(word)) found.emplace_back(word, generation);
  return found;
}

uint64_t launch_count = 0;
uint64_t lost_at = UINT64_MAX;

void execute(const Launch& launch) {
  if (lost() != cudaSuccess) return;
  if (++launch_count > lost_at) {
    running.kernel = launch.kernel;
    report("device lost", "as was asked for", cudaErrorECCUncorrectable);
    return;
  }
  if (!launch.whole) return run_launch(launch);
  running.kernel = launch.kernel;
  launch.whole();
}

}  // namespace

cudaError_t add(cudaStream_t stream, std::function<void()> work) {
  if (!streams().count(stream)) return keep(cudaErrorInvalidResourceHandle);
  if (stream->capturing) {
    stream->captured.push_back(std::move(work));
  } else {
    stream->work.push_back(std::move(work));
  }
  return lost();
}

void drain(cudaStream_t stream) {
  while (!stream->work.empty()) {
    for (const cudaStream_t other : streams())
      if (other != stream && !other->work.empty() && the_order()() % 2) step(other);
    // Work of another stream may have waited for this one.
    if (!stream->work.empty()) step(stream);
  }
}

void drain_all() {
  for (const cudaStream_t stream : streams()) drain(stream);
}

cudaError_t enqueue(Launch launch, cudaStream_t stream) {
  const std::lock_guard lock(the_lock());
  const auto threads = uint64_t{launch.block.x} * launch.block.y * launch.block.z;
  if (threads == 0 || threads > 1024 || launch.block.y != 1 || launch.block.z != 1 ||
      launch.grid.x == 0 || launch.grid.y == 0 || launch.grid.z == 0 || launch.grid.y > 65535 ||
      launch.grid.z > 65535)
    return keep(cudaErrorInvalidConfiguration);
  if (!streams().count(stream) || stream->device != current_device())
    return keep(cudaErrorInvalidResourceHandle);
  const auto addresses = addresses_in(launch.arguments);
  const int device = stream->device;
  return add(stream, [launch = std::move(launch), addresses, device] {
    running.kernel = launch.kernel;
    for (const auto& [address, generation] : addresses) {
      if (generation_of(address) != generation)
        return report("stale address",
                      "an argument points to memory that was freed after the launch was queued or "
                      "captured");
      if (device_of(address) != device)
        return report("another device", "an argument points to memory of device " +
                                            std::to_string(device_of(address)) +
                                            ", and the stream is of device " +
                                            std::to_string(device));
    }
    execute(launch);
  });
}

uint64_t launches() {
  return launch_count;
}
void lose_device_after(uint64_t launches) {
  lost_at = launch_count + launches;
}

}  // namespace cuda_emulation

using namespace cuda_emulation;

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  const std::lock_guard lock(the_lock());
  if (lost() != cudaSuccess) return keep(lost());
  *stream = *streams().insert(new CUstream_st{.device = current_device()}).first;
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const std::lock_guard lock(the_lock());
  if (!streams().count(stream)) return keep(cudaErrorInvalidResourceHandle);
  drain(stream);
  streams().erase(stream);
  delete stream;
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  const std::lock_guard lock(the_lock());
  if (!streams().count(stream)) return keep(cudaErrorInvalidResourceHandle);
  if (stream->capturing) return keep(cudaErrorStreamCaptureUnsupported);
  drain(stream);
  return keep(lost());
}

cudaError_t cudaDeviceSynchronize() {
  const std::lock_guard lock(the_lock());
  drain_all();
  return keep(lost());
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new CUevent_st{.device = current_device()};
  return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  const std::lock_guard lock(the_lock());
  if (event->stream && streams().count(event->stream)) drain(event->stream);
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const std::lock_guard lock(the_lock());
  if (!streams().count(stream) || stream->device != event->device)
    return keep(cudaErrorInvalidResourceHandle);
  event->stream = stream;
  event->reached = false;
  return keep(add(stream, [event] {
    event->reached = true;
    event->milliseconds = now();
  }));
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  const std::lock_guard lock(the_lock());
  while (!event->reached && !event->stream->work.empty()) step(event->stream);
  return keep(lost());
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  const std::lock_guard lock(the_lock());
  return keep(add(stream, [event] {
    while (!event->reached && !event->stream->work.empty()) step(event->stream);
  }));
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
  const std::lock_guard lock(the_lock());
  *milliseconds = static_cast<float>(end->milliseconds - begin->milliseconds);
  return keep(lost());
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  const std::lock_guard lock(the_lock());
  if (!streams().count(stream) || stream->capturing) return keep(cudaErrorInvalidResourceHandle);
  stream->capturing = true;
  stream->captured.clear();
  return keep(lost());
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const std::lock_guard lock(the_lock());
  if (!streams().count(stream) || !stream->capturing) return keep(cudaErrorInvalidResourceHandle);
  stream->capturing = false;
  *graph = new CUgraph_st{stream->device, std::move(stream->captured)};
  return keep(lost());
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long) {
  *executable = new CUgraphExec_st{graph->device, graph->work};
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  const std::lock_guard lock(the_lock());
  drain_all();
  delete executable;
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  const std::lock_guard lock(the_lock());
  if (!streams().count(stream) || stream->device != executable->device)
    return keep(cudaErrorInvalidResourceHandle);
  return keep(add(stream, [executable] {
    for (const auto& work : executable->work) work();
  }));
}
