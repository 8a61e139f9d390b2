#pragma once
// Regions of a graph become work.

#include <memory>
#include <vector>

#include <sirocco/sdk/regions.hpp>

#include "gemm/gemm.hpp"
#include "work/angles.hpp"
#include "work/work.hpp"

namespace sirocco::cuda {

/// What the makers of work are given.
struct Lowering {
  const sdk::GraphView& graph;
  const sirocco_limits& limits;
  Angles& angles;
  int multiprocessors;
  Gemm* gemm;  ///< NULL: the plugin's own kernels make all products
  /// Bytes of the memory that works share: each raises it to what it needs.
  uint64_t shared_bytes = 0;

  Dtype dtype(uint32_t value) const { return dtype_of(graph.value(value).dtype()); }
  sdk::Extents largest() const { return {limits.max_tokens, limits.max_seqs, limits.max_rows}; }
  void share(uint64_t bytes) { shared_bytes = bytes > shared_bytes ? bytes : shared_bytes; }
};

/// Products of one input (work/linear.cpp).
std::unique_ptr<Work> make_linear(Lowering& lowering, const sdk::Region& region);
/// `appended`: the keys and values are in the state already (work/attention.cpp).
std::unique_ptr<Work> make_attention(Lowering& lowering, const sdk::NodeView& node, bool appended);
/// Every other op, a node on its own (work/single.cpp). Throws StatusError for one without work.
std::unique_ptr<Work> make_single(Lowering& lowering, const sdk::NodeView& node);

/// The work of a region, whatever it is.
std::unique_ptr<Work> make_work(Lowering& lowering, const sdk::Region& region);

}  // namespace sirocco::cuda
