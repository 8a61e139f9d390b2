#include "claims.hpp"

#include <sirocco/sdk/op_checks.hpp>

#include "stages/stage.hpp"

namespace sirocco::cpu {
namespace {

using sdk::NodeView;

/// The op's own check, then dtypes: all float values must be such that the kernels take.
template <void (*check)(const NodeView&)>
void with_dtypes(const NodeView& node) {
  check(node);
  for (size_t i = 0; i < node.n_inputs(); ++i)
    if (node.has_input(i) && node.input(i).is_float()) dtype_of(node.input(i).dtype());
  for (size_t i = 0; i < node.n_outputs(); ++i)
    if (node.output(i).is_float()) dtype_of(node.output(i).dtype());
}

void check_rope(const NodeView& node) {
  sdk::ops::check_rope(node);
  // Angles are worked out at the start of a step.
  const uint32_t kind = node.input(1).kind();
  sdk::require(kind == SIROCCO_VALUE_POSITIONS || kind == SIROCCO_VALUE_INPUT, SIROCCO_REASON_SHAPE,
               "positions must be known when the step begins");
}

void check_attention(const NodeView& node) {
  dtype_of(sdk::ops::check_attention(node).state.dtype);
  for (size_t i = 1; i < 3; ++i)
    sdk::require(node.input(i).dtype() == node.input(0).dtype(), SIROCCO_REASON_DTYPE,
                 "q, k and v must have one dtype");
}

void check_router(const NodeView& node) {
  sdk::ops::check_moe_router(node);
}

void check_experts(const NodeView& node) {
  sdk::ops::check_moe_ffn(node);
  constexpr size_t kFirst = sdk::ops::kFirstExpert;
  for (size_t i = kFirst; i < node.n_inputs(); ++i)
    sdk::require(node.input(i).dtype() == node.input(kFirst).dtype(), SIROCCO_REASON_DTYPE,
                 "the weights of experts must have one dtype");
}

const sdk::Kernel kClaims[] = {
    {.op = "add", .accepts = with_dtypes<sdk::ops::check_broadcast>},
    {.op = "attention", .accepts = with_dtypes<check_attention>},
    {.op = "cast", .accepts = with_dtypes<sdk::ops::check_cast>},
    {.op = "embedding", .accepts = with_dtypes<sdk::ops::check_embedding>},
    {.op = "gather_rows", .accepts = with_dtypes<sdk::ops::check_gather_rows>},
    {.op = "linear", .accepts = with_dtypes<sdk::ops::check_linear>},
    {.op = "moe_ffn", .accepts = with_dtypes<check_experts>},
    {.op = "moe_router", .accepts = with_dtypes<check_router>},
    {.op = "mul", .accepts = with_dtypes<sdk::ops::check_broadcast>},
    {.op = "reshape", .accepts = with_dtypes<sdk::ops::check_reshape>},
    {.op = "rms_norm", .accepts = with_dtypes<sdk::ops::check_rms_norm>},
    {.op = "rope", .accepts = with_dtypes<check_rope>},
    {.op = "silu", .accepts = with_dtypes<sdk::ops::check_unary>},
    {.op = "softmax", .accepts = with_dtypes<sdk::ops::check_softmax>},
    {.op = "swiglu", .accepts = with_dtypes<sdk::ops::check_swiglu>},
};

}  // namespace

std::span<const sdk::Kernel> claims() {
  return kClaims;
}

}  // namespace sirocco::cpu
