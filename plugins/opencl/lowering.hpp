#pragma once
// From regions of the graph to launches.

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <sirocco/sdk/regions.hpp>

#include "executable.hpp"

namespace sirocco::opencl {

class Lowering {
 public:
  /// `tables` receives the buffers of angles, which belong to the caller.
  Lowering(Device& device, const sdk::GraphView& graph, const sirocco_limits& limits,
           std::vector<cl_mem>& tables)
      : device_(device), graph_(graph), limits_(limits), tables_(tables) {}

  Work lower(const sdk::Region& region);
  /// Memory that launches share, at the limits.
  uint64_t shared_bytes() const { return shared_bytes_; }

 private:
  void products(Work& work, const sdk::Region& region);
  void single(Work& work, const sdk::NodeView& node, bool appended);
  void attention(Work& work, const sdk::NodeView& node, bool appended);
  void norm(Work& work, uint32_t x, uint32_t weight, double eps, const Arg& y);
  void elementwise(Work& work, const sdk::NodeView& node, int op);
  /// Cosine and sine of position * theta^(-2j / rotary_dim), [max_context, rotary_dim / 2].
  Arg angles(const sdk::ops::RopeAttributes& rope);

  int dtype(uint32_t value) const;
  /// "-DA=… -DW=… -DS=…"
  static std::string dtypes(int a, int w, int s);
  Count rows(uint32_t value) const;
  Count elements(uint32_t value) const;
  uint32_t width(uint32_t value) const;

  Device& device_;
  const sdk::GraphView& graph_;
  const sirocco_limits& limits_;
  std::vector<cl_mem>& tables_;
  std::map<std::pair<int64_t, double>, cl_mem> tables_by_angle_;
  uint64_t shared_bytes_ = 0;
};

}  // namespace sirocco::opencl
