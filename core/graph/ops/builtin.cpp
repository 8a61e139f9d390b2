#include "graph/ops/ops.hpp"

namespace sirocco {

OpRegistry OpRegistry::with_builtin_ops() {
  OpRegistry registry;
  for (OpDef (*op)() :
       {ops::add,         ops::attention,  ops::cast,       ops::concat,  ops::embedding,
        ops::gather_rows, ops::gelu,       ops::layer_norm, ops::linear,  ops::mean_pool,
        ops::moe_ffn,     ops::moe_router, ops::mul,        ops::reshape, ops::rms_norm,
        ops::rope,        ops::sample,     ops::silu,       ops::slice,   ops::softmax,
        ops::swiglu,      ops::top_k})
    registry.add(op());
  return registry;
}

}  // namespace sirocco
