#include "claims.hpp"

#include <sirocco/sdk/op_checks.hpp>

#include "ops/attention.hpp"

namespace sirocco::cuda {

Dtype dtype_of(sirocco_dtype dtype) {
  switch (dtype) {
    case SIROCCO_DTYPE_F32:
      return Dtype::f32;
    case SIROCCO_DTYPE_F16:
      return Dtype::f16;
    case SIROCCO_DTYPE_BF16:
      return Dtype::bf16;
    default:
      throw sdk::Declined(SIROCCO_REASON_DTYPE, "values must be f32, f16 or bf16");
  }
}

namespace {

using sdk::NodeView;
using sdk::ValueView;

/// Kernels work out a value's size from one number of the step, and index rows with 32 bits.
void check_value(const ValueView& value) {
  if (value.is_float()) dtype_of(value.dtype());
  int symbols = 0;
  for (int axis = 0; axis < static_cast<int>(value.rank()); ++axis) {
    const sirocco_dim& dim = value.dim(axis);
    if (!sdk::is_constant(dim)) ++symbols;
    sdk::require(dim.base <= INT32_MAX / 4, SIROCCO_REASON_SHAPE, "a dimension is too large");
  }
  sdk::require(symbols <= 1, SIROCCO_REASON_SHAPE, "only one dimension may vary from step to step");
}

template <void (*check)(const NodeView&)>
void with_values(const NodeView& node) {
  check(node);
  for (size_t i = 0; i < node.n_inputs(); ++i)
    if (node.has_input(i)) check_value(node.input(i));
  for (size_t i = 0; i < node.n_outputs(); ++i) check_value(node.output(i));
}

/// A row is a thread block's, so that the last dimension must be the same in every step.
void require_constant_rows(const NodeView& node) {
  sdk::require(node.input(0).rank() >= 1 && sdk::is_constant(node.input(0).dim(-1)),
               SIROCCO_REASON_SHAPE, "the last dimension must be a constant");
}

void check_rms_norm(const NodeView& node) {
  sdk::ops::check_rms_norm(node);
  require_constant_rows(node);
}

void check_linear(const NodeView& node) {
  sdk::ops::check_linear(node);
  require_constant_rows(node);
}

void check_gather_rows(const NodeView& node) {
  sdk::ops::check_gather_rows(node);
  sdk::ops::row_elements(node.input(0));
}

void check_rope(const NodeView& node) {
  const sdk::ops::RopeAttributes rope = sdk::ops::check_rope(node);
  sdk::require(rope.head_dim % 2 == 0, SIROCCO_REASON_SHAPE, "heads of an odd size");
  // Angles are tabulated up to the longest context.
  sdk::require(node.input(1).kind() == SIROCCO_VALUE_POSITIONS, SIROCCO_REASON_SHAPE,
               "positions must be those of the step");
}

void check_attention(const NodeView& node) {
  const sdk::ops::AttentionAttributes attention = sdk::ops::check_attention(node);
  const sirocco_state& state = attention.state;
  dtype_of(state.dtype);
  for (size_t i = 1; i < 3; ++i)
    sdk::require(node.input(i).dtype() == node.input(0).dtype(), SIROCCO_REASON_DTYPE,
                 "q, k and v must have one dtype");
  sdk::require(state.k_dim <= kMostHeadDim && state.v_dim <= kMostHeadDim, SIROCCO_REASON_SHAPE,
               "heads of more than 256 elements");
}

const sdk::Kernel kClaims[] = {
    {.op = "add", .accepts = with_values<sdk::ops::check_broadcast>},
    {.op = "attention", .accepts = with_values<check_attention>},
    {.op = "cast", .accepts = with_values<sdk::ops::check_cast>},
    {.op = "embedding", .accepts = with_values<sdk::ops::check_embedding>},
    {.op = "gather_rows", .accepts = with_values<check_gather_rows>},
    {.op = "linear", .accepts = with_values<check_linear>},
    {.op = "mul", .accepts = with_values<sdk::ops::check_broadcast>},
    {.op = "reshape", .accepts = with_values<sdk::ops::check_reshape>},
    {.op = "rms_norm", .accepts = with_values<check_rms_norm>},
    {.op = "rope", .accepts = with_values<check_rope>},
    {.op = "sample", .accepts = with_values<sdk::ops::check_sample>},
    {.op = "silu", .accepts = with_values<sdk::ops::check_unary>},
    {.op = "softmax", .accepts = with_values<sdk::ops::check_softmax>},
    {.op = "swiglu", .accepts = with_values<sdk::ops::check_swiglu>},
};

}  // namespace

std::span<const sdk::Kernel> claims() {
  return kClaims;
}

}  // namespace sirocco::cuda
