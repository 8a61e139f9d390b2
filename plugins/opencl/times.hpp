#pragma once
// When the device worked on each region of a timed executable.

#include <cstdint>
#include <vector>

#include <CL/cl.h>
#include <sirocco/abi/backend.h>

namespace sirocco::opencl {

class Times {
 public:
  Times() = default;
  Times(const Times&) = delete;
  Times& operator=(const Times&) = delete;
  ~Times() { clear(); }

  /// The event of a launch that belongs to the region whose first node is `node`; takes it over.
  void add(uint32_t node, cl_event event) { events_.push_back({node, event}); }
  void clear();

  /// A record for each region that was launched, its clock that of sdk::now_ns. The queue's work is
  /// done, `now` the time after. Throws StatusError.
  std::vector<sirocco_node_time> read(uint64_t now) const;

 private:
  struct Entry {
    uint32_t node;
    cl_event event;
  };
  std::vector<Entry> events_;
};

}  // namespace sirocco::opencl
