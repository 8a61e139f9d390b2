#include "claims.hpp"

#include <sirocco/sdk/op_checks.hpp>

namespace sirocco::opencl {

const char* dtype_of(sirocco_dtype dtype) {
  switch (dtype) {
    case SIROCCO_DTYPE_F32:
      return "f32";
    case SIROCCO_DTYPE_F16:
      return "f16";
    case SIROCCO_DTYPE_BF16:
      return "bf16";
    default:
      throw sdk::Declined(SIROCCO_REASON_DTYPE, "values must be f32, f16 or bf16");
  }
}

namespace {

using sdk::NodeView;

template <void (*check)(const NodeView&)>
void with_dtypes(const NodeView& node) {
  check(node);
  for (size_t i = 0; i < node.n_inputs(); ++i)
    if (node.has_input(i) && node.input(i).is_float()) dtype_of(node.input(i).dtype());
  for (size_t i = 0; i < node.n_outputs(); ++i) dtype_of(node.output(i).dtype());
}

/// A row is worked on by items of its own, so that its length must be the same in every step.
void require_constant_rows(const NodeView& node) {
  sdk::require(node.input(0).rank() >= 1 && sdk::is_constant(node.input(0).dim(-1)) &&
                   node.input(0).dim(-1).base <= INT32_MAX,
               SIROCCO_REASON_SHAPE, "the last dimension must be a constant");
}

void check_broadcast(const NodeView& node) {
  sdk::ops::check_broadcast(node);
  const sdk::ValueView b = node.input(1);
  for (int axis = 0; axis < static_cast<int>(b.rank()); ++axis)
    sdk::require(sdk::is_constant(b.dim(axis)) || b.rank() == node.input(0).rank(),
                 SIROCCO_REASON_SHAPE, "b must be constant, or as large as a");
}

void check_rms_norm(const NodeView& node) {
  sdk::ops::check_rms_norm(node);
  require_constant_rows(node);
}

void check_linear(const NodeView& node) {
  sdk::ops::check_linear(node);
  require_constant_rows(node);
  if (node.has_input(2))
    sdk::require(node.input(2).dtype() == node.input(1).dtype(), SIROCCO_REASON_DTYPE,
                 "weight and bias must have one dtype");
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
  dtype_of(attention.state.dtype);
  for (size_t i = 1; i < 3; ++i)
    sdk::require(node.input(i).dtype() == node.input(0).dtype(), SIROCCO_REASON_DTYPE,
                 "q, k and v must have one dtype");
  // What a work-group keeps for one token, of the 32 KiB that every device has.
  sdk::require(attention.group * (attention.state.k_dim + attention.state.v_dim) <= 6144 &&
                   attention.group <= 32,
               SIROCCO_REASON_SHAPE, "heads too many and large for one work-group");
}

const sdk::Kernel kClaims[] = {
    {.op = "add", .accepts = with_dtypes<check_broadcast>},
    {.op = "attention", .accepts = with_dtypes<check_attention>},
    {.op = "cast", .accepts = with_dtypes<sdk::ops::check_cast>},
    {.op = "embedding", .accepts = with_dtypes<sdk::ops::check_embedding>},
    {.op = "gather_rows", .accepts = with_dtypes<check_gather_rows>},
    {.op = "linear", .accepts = with_dtypes<check_linear>},
    {.op = "mul", .accepts = with_dtypes<check_broadcast>},
    {.op = "reshape", .accepts = with_dtypes<sdk::ops::check_reshape>},
    {.op = "rms_norm", .accepts = with_dtypes<check_rms_norm>},
    {.op = "rope", .accepts = with_dtypes<check_rope>},
    {.op = "silu", .accepts = with_dtypes<sdk::ops::check_unary>},
    {.op = "softmax", .accepts = with_dtypes<sdk::ops::check_softmax>},
    {.op = "swiglu", .accepts = with_dtypes<check_broadcast>},
};

}  // namespace

std::span<const sdk::Kernel> claims() {
  return kClaims;
}

}  // namespace sirocco::opencl
