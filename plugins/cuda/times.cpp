#include "times.hpp"

#include <sirocco/sdk/kernel.hpp>

#include "error.hpp"

namespace sirocco::cuda {

Times::~Times() {
  for (const cudaEvent_t event : events_) cudaEventDestroy(event);
}

cudaEvent_t Times::event(size_t index) {
  while (events_.size() <= index) {
    cudaEvent_t made = nullptr;
    check(cudaEventCreate(&made), "creating an event");
    events_.push_back(made);
  }
  return events_[index];
}

void Times::record() {
  check(cudaEventRecord(event(recorded_), device_.stream()), "recording an event");
  ++recorded_;
}

void Times::begin() {
  recorded_ = 0;
  nodes_.clear();
  check(cudaStreamSynchronize(device_.stream()), "work on the device");
  begin_ns_ = sdk::now_ns();
}

void Times::mark(uint32_t node) {
  nodes_.push_back(node);
  record();
}

void Times::end() {
  record();
}

size_t Times::read(sirocco_node_time* times, size_t capacity) const {
  if (nodes_.empty() || recorded_ != nodes_.size() + 1) return 0;
  check(cudaEventSynchronize(events_[nodes_.size()]), "work on the device");
  const auto time_of = [&](size_t index) {
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, events_[0], events_[index]),
          "reading an event's time");
    return begin_ns_ + static_cast<uint64_t>(static_cast<double>(milliseconds) * 1e6);
  };
  for (size_t i = 0; i < nodes_.size() && i < capacity; ++i)
    times[i] = {nodes_[i], 0, time_of(i), time_of(i + 1)};
  return nodes_.size();
}

}  // namespace sirocco::cuda
