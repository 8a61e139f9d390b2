#include "times.hpp"

#include "error.hpp"

namespace sirocco::opencl {
namespace {

uint64_t stamp(cl_event event, cl_profiling_info what) {
  cl_ulong time = 0;
  check(clGetEventProfilingInfo(event, what, sizeof time, &time, nullptr),
        "clGetEventProfilingInfo");
  return time;
}

}  // namespace

void Times::clear() {
  for (const Entry& entry : events_) clReleaseEvent(entry.event);
  events_.clear();
}

std::vector<sirocco_node_time> Times::read(uint64_t now) const {
  std::vector<sirocco_node_time> times;
  if (events_.empty()) return times;
  // The device's clock counts nanoseconds from a point of its own; the last work ended just now.
  const uint64_t shift = now - stamp(events_.back().event, CL_PROFILING_COMMAND_END);
  for (const Entry& entry : events_) {
    const uint64_t begin = stamp(entry.event, CL_PROFILING_COMMAND_START) + shift;
    const uint64_t end = stamp(entry.event, CL_PROFILING_COMMAND_END) + shift;
    if (!times.empty() && times.back().node == entry.node) {
      times.back().end_ns = end;
    } else {
      times.push_back({entry.node, 0, begin, end});
    }
  }
  return times;
}

}  // namespace sirocco::opencl
