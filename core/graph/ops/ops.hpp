#pragma once

#include "graph/op.hpp"

namespace sirocco::ops {

/// One function a file of this folder; `OpRegistry::with_builtin_ops` (builtin.cpp) lists them.
OpDef add();
OpDef attention();
OpDef cast();
OpDef concat();
OpDef embedding();
OpDef gather_rows();
OpDef gelu();
OpDef layer_norm();
OpDef linear();
OpDef mean_pool();
OpDef moe_ffn();
OpDef moe_router();
OpDef mul();
OpDef reshape();
OpDef rms_norm();
OpDef rope();
OpDef sample();
OpDef silu();
OpDef slice();
OpDef softmax();
OpDef swiglu();
OpDef top_k();

}  // namespace sirocco::ops
