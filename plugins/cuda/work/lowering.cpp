#include "work/lowering.hpp"

namespace sirocco::cuda {

std::unique_ptr<Work> make_work(Lowering& lowering, const sdk::Region& region) {
  const sdk::NodeView node = lowering.graph.node(region.first);
  std::unique_ptr<Work> work;
  if (!region.projections.empty()) {
    work = make_linear(lowering, region);
  } else if (node.op() == "attention") {
    work = make_attention(lowering, node, region.appended);
  } else {
    work = make_single(lowering, node);
  }
  work->node_id = node.id();
  work->n_nodes = region.n_nodes;
  work->path = node.path();
  return work;
}

}  // namespace sirocco::cuda
