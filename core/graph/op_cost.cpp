#include <set>

#include "graph/op.hpp"

namespace sirocco {

double value_bytes(const CostContext& context) {
  std::set<ValueId> ids(context.node.inputs.begin(), context.node.inputs.end());
  ids.insert(context.node.outputs.begin(), context.node.outputs.end());
  double bytes = 0;
  for (const ValueId id : ids)
    if (id != kNone)
      bytes += static_cast<double>(context.graph.values[id].type.bytes(context.extents));
  return bytes;
}

Cost node_cost(const CostContext& context) {
  const OpDef* op = context.node.op;
  if (op && op->cost) return op->cost(context);
  return {.flops = 0, .bytes = value_bytes(context)};
}

}  // namespace sirocco
